/**
 * Seals a bid and opens it. Everything in a message but its head is derived from the bid and its
 * key (dek), so a bid stands iff it is, to the byte, what an honest bidder would have sent.
 */

import { concat, equal, fromUtf8, u16, utf8, type Bytes } from '../base/bytes'
import { canonical, isObject } from '../base/canonical'
import { expand, extract, sha256 } from '../base/hash'
import { isAmount } from '../money/yuan'
import { aesGcm } from './aes'
import { openSealed, sealTo } from './hpke'
import {
  BID_LENGTH,
  KEY_LENGTH,
  SHARE_LENGTH,
  SealError,
  checkHead,
  contextOf,
  encodeMessage,
  parseMessage,
  type Head,
  type Message,
  type Terms,
} from './message'
import { combine, share } from './shamir'
import { KeyError, publicOf } from './x25519'

const NONCE = new Uint8Array(12)
const NOTHING = new Uint8Array(0)

export interface Bid {
  price_cny: string
}

export interface Opened {
  bid: Bid
  dek: Bytes
}

/** The canonical bytes of the sealed bid; `dek` is 32 fresh random bytes, one draw per message. */
export async function seal(
  terms: Terms,
  bidder: string,
  seq: number,
  bid: Bid,
  dek: Uint8Array,
): Promise<Bytes> {
  if (!isBid(bid)) throw new SealError('input', 'bid-invalid', 'the price is not yuan with two places')
  if (dek.length !== KEY_LENGTH) throw new SealError('input', 'dek-invalid', 'the key has 32 bytes')
  const head = { terms, bidder, seq }
  checkHead(head)
  const context = contextOf(head)
  let shares: Bytes[]
  try {
    shares = await sealedShares(head, context, dek)
  } catch (error) {
    if (error instanceof KeyError) throw new SealError('input', 'terms-invalid', error.message)
    throw error
  }
  const ct = await aesGcm.encrypt(dek, NONCE, context, padded(utf8(canonical({ ...bid }))))
  return encodeMessage({ head, ct, kc: commitment(context, dek), shares })
}

/** The whole judgement of one sealed bid from public data; throws `SealError`. */
export async function verdict(
  terms: Terms,
  bidder: string,
  data: Uint8Array,
  keys: Map<string, Uint8Array>,
): Promise<Opened> {
  const message = parseMessage(data)
  if (message.head.bidder !== bidder) {
    throw new SealError('void', 'other-bidder', 'the bid was sealed for another bidder')
  }
  if (!sameTerms(message.head.terms, terms)) {
    throw new SealError('void', 'other-terms', 'sealed for another lot, notice or custodians')
  }
  return openWithKeys(message, keys)
}

/** Opens with the private keys of at least `threshold` custodians, by their ids. */
export async function openWithKeys(message: Message, keys: Map<string, Uint8Array>): Promise<Opened> {
  const dek = await recovered(message, keys)
  if (dek === undefined) throw notAsSealed()
  return openWithDek(message, dek)
}

/** Opens with the bid's own key. */
export async function openWithDek(message: Message, dek: Uint8Array): Promise<Opened> {
  const context = contextOf(message.head)
  if (dek.length !== KEY_LENGTH || !equal(commitment(context, dek), message.kc)) {
    throw new SealError('opening', 'dek-mismatch', 'not the key that the bid commits to')
  }
  let plain: Bytes
  try {
    const shares = await sealedShares(message.head, context, dek)
    if (!shares.every((one, i) => equal(one, message.shares[i]!))) throw notAsSealed()
    plain = await aesGcm.decrypt(dek, NONCE, context, message.ct)
  } catch {
    throw notAsSealed()
  }
  return { bid: readBid(plain), dek: concat(dek) }
}

/** kc */
export function commitment(context: Uint8Array, dek: Uint8Array): Bytes {
  return sha256(concat(utf8('lqx-seal/1 commit'), context, dek))
}

/** The Shamir shares 1..count of `dek`, with the coefficients that `dek` and ctx give. */
export function sharesOf(context: Uint8Array, dek: Uint8Array, threshold: number, count: number): Bytes[] {
  const length = KEY_LENGTH * (threshold - 1)
  const stream = derived(dek, concat(utf8('lqx-seal/1 shamir'), context), length)
  const coefficients = Array.from({ length: threshold - 1 }, (_, i) =>
    stream.subarray(KEY_LENGTH * i, KEY_LENGTH * (i + 1)),
  )
  return Array.from({ length: count }, (_, i) => share(dek, coefficients, i + 1))
}

function sealedShares(head: Head, context: Bytes, dek: Uint8Array): Promise<Bytes[]> {
  const { threshold, custodians } = head.terms
  const shares = sharesOf(context, dek, threshold, custodians.length)
  return Promise.all(
    custodians.map((custodian, i) => {
      const place = concat(context, new Uint8Array([i + 1]))
      const ikm = derived(dek, concat(utf8('lqx-seal/1 ephemeral'), place), KEY_LENGTH)
      const info = concat(utf8('lqx-seal/1 share'), place)
      return sealTo(custodian.publicKey, info, shares[i]!, ikm)
    }),
  )
}

async function recovered(message: Message, keys: Map<string, Uint8Array>): Promise<Bytes | undefined> {
  const { custodians, threshold } = message.head.terms
  for (const [id, key] of keys) {
    const custodian = custodians.find((one) => one.id === id)
    if (custodian === undefined) {
      throw new SealError('opening', 'unknown-custodian', `${id} keeps no share of this bid`)
    }
    if (key.length !== KEY_LENGTH || !equal(await publicOf(key), custodian.publicKey)) {
      throw new SealError('opening', 'key-mismatch', `not the private key of ${id}`)
    }
  }
  if (keys.size < threshold) {
    throw new SealError('opening', 'too-few-keys', `${keys.size} keys, ${threshold} are needed`)
  }
  const context = contextOf(message.head)
  const shares: Bytes[] = []
  for (const [i, custodian] of custodians.entries()) {
    const key = keys.get(custodian.id)
    if (key === undefined || shares.length === threshold) continue
    const info = concat(utf8('lqx-seal/1 share'), context, new Uint8Array([i + 1]))
    try {
      shares.push(await openSealed(key, info, message.shares[i]!))
    } catch {
      return undefined
    }
    const opened = shares[shares.length - 1]!
    if (opened.length !== SHARE_LENGTH || opened[KEY_LENGTH] !== i + 1) return undefined
  }
  const dek = combine(shares)
  return equal(commitment(context, dek), message.kc) ? dek : undefined
}

function derived(dek: Uint8Array, info: Bytes, length: number): Bytes {
  return length > 0 ? expand(extract(NOTHING, dek), info, length) : new Uint8Array(0)
}

function padded(bid: Uint8Array): Bytes {
  const plain = new Uint8Array(BID_LENGTH)
  plain.set(concat(u16(bid.length), bid))
  return plain
}

function readBid(plain: Bytes): Bid {
  const text = plain.subarray(2, 2 + plain[0]! * 256 + plain[1]!)
  let bid: unknown
  try {
    bid = equal(padded(text), plain) ? JSON.parse(fromUtf8(text)) : undefined
  } catch {
    bid = undefined
  }
  if (!isBid(bid) || !equal(utf8(canonical({ ...bid })), text)) {
    throw new SealError('void', 'bid-malformed', 'the bid is not what the format asks for')
  }
  return { price_cny: bid.price_cny }
}

function isBid(value: unknown): value is Bid {
  return isObject(value) && Object.keys(value).join() === 'price_cny' && isAmount(value.price_cny)
}

function sameTerms(a: Terms, b: Terms): boolean {
  return (
    a.notice === b.notice &&
    a.auction === b.auction &&
    a.threshold === b.threshold &&
    a.custodians.length === b.custodians.length &&
    a.custodians.every((one, i) => {
      const other = b.custodians[i]!
      return one.id === other.id && equal(one.publicKey, other.publicKey)
    })
  )
}

function notAsSealed(): SealError {
  // One code for every fault up to here: which of them is met first depends on the keys.
  return new SealError('void', 'not-as-sealed', 'its parts are not what its key derives')
}
