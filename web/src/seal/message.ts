/**
 * The message of a sealed bid (lqx-seal/1): terms, head, and a parser that takes one spelling only.
 * The twin of the server's; tests/vectors/lqx_seal_1.json holds both to the same bytes.
 */

import { base64, equal, fromUtf8, unbase64, utf8, type Bytes } from '../base/bytes'
import { canonical, isObject, type Json } from '../base/canonical'
import { sha256 } from '../base/hash'

export const VERSION = 'lqx-seal/1'
export const SUITE = 'x25519-hkdfsha256-aes256gcm'
export const BID_LENGTH = 512
export const KEY_LENGTH = 32
const TAG_LENGTH = 16
const CIPHERTEXT_LENGTH = BID_LENGTH + TAG_LENGTH
export const SHARE_LENGTH = KEY_LENGTH + 1
const SEALED_SHARE_LENGTH = 32 + SHARE_LENGTH + TAG_LENGTH
const CUSTODIANS_MAX = 32
const SEQ_MAX = 2 ** 31 - 1
const MESSAGE_LENGTH_MAX = 16_384

const ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/
const HASH = /^[0-9a-f]{64}$/
const HEAD_FIELDS = ['auction', 'bidder', 'custodians', 'notice', 'seq', 'suite', 'threshold', 'v']
const MESSAGE_FIELDS = ['ct', 'head', 'kc', 'shares']

/**
 * What is wrong about a sealed bid. `void`: a verdict that everybody reaches; `opening`: the keys
 * at hand allow no verdict; `input`: what was to be sealed is malformed.
 */
export class SealError extends Error {
  constructor(
    readonly kind: 'void' | 'opening' | 'input',
    readonly code: string,
    message: string,
  ) {
    super(`${code}: ${message}`)
  }
}

export interface Custodian {
  id: string
  publicKey: Bytes
}

/** What a lot's notice says about sealing; the order of custodians numbers the shares. */
export interface Terms {
  notice: string
  auction: string
  threshold: number
  custodians: Custodian[]
}

export interface Head {
  terms: Terms
  bidder: string
  seq: number
}

export interface Message {
  head: Head
  ct: Bytes
  kc: Bytes
  shares: Bytes[]
}

export function checkTerms(terms: Terms): void {
  const ids = terms.custodians.map((one) => one.id)
  const keys = terms.custodians.map((one) => base64(one.publicKey))
  const fault = !HASH.test(terms.notice)
    ? 'the notice is named by the 64 hex digits of its SHA-256'
    : ![terms.auction, ...ids].every((id) => ID.test(id))
      ? 'an id is not a public reference'
      : !(terms.threshold >= 1 && terms.threshold <= ids.length && ids.length <= CUSTODIANS_MAX)
        ? `needs 1 <= threshold <= custodians <= ${CUSTODIANS_MAX}`
        : new Set(ids).size !== ids.length || new Set(keys).size !== keys.length
          ? 'two custodians share an id or a key'
          : terms.custodians.some((one) => one.publicKey.length !== KEY_LENGTH)
            ? 'a custodian’s key has 32 bytes'
            : undefined
  if (fault !== undefined) throw new SealError('input', 'terms-invalid', fault)
}

export function checkHead(head: Head): void {
  checkTerms(head.terms)
  if (!ID.test(head.bidder) || !Number.isInteger(head.seq) || head.seq < 1 || head.seq > SEQ_MAX) {
    throw new SealError('input', 'head-invalid', 'the bidder or the number of the bid is malformed')
  }
}

function headJson({ terms, bidder, seq }: Head): Json {
  return {
    v: VERSION,
    suite: SUITE,
    notice: terms.notice,
    auction: terms.auction,
    bidder,
    seq,
    threshold: terms.threshold,
    custodians: terms.custodians.map((one) => [one.id, base64(one.publicKey)]),
  }
}

/** ctx: the SHA-256 of the head's canonical bytes, to which everything else is bound. */
export function contextOf(head: Head): Bytes {
  return sha256(utf8(canonical(headJson(head))))
}

export function encodeMessage(message: Message): Bytes {
  return utf8(
    canonical({
      head: headJson(message.head),
      ct: base64(message.ct),
      kc: base64(message.kc),
      shares: message.shares.map(base64),
    }),
  )
}

function malformed(text: string): SealError {
  return new SealError('void', 'message-malformed', text)
}

/** Reads a message or throws a `void` `SealError`. */
export function parseMessage(data: Uint8Array): Message {
  if (data.length > MESSAGE_LENGTH_MAX) throw malformed(`longer than ${MESSAGE_LENGTH_MAX} bytes`)
  let message: Message
  let encoded: Bytes
  try {
    message = readMessage(JSON.parse(fromUtf8(data)))
    encoded = encodeMessage(message)
  } catch (error) {
    if (error instanceof SealError) throw error.kind === 'void' ? error : malformed(error.message)
    throw malformed('not a JSON document in UTF-8')
  }
  if (!equal(encoded, data)) throw malformed('not in canonical form')
  return message
}

function readMessage(document: unknown): Message {
  const fields = closed(document, MESSAGE_FIELDS)
  const head = readHead(fields.head)
  const shares = fields.shares
  if (!Array.isArray(shares) || shares.length !== head.terms.custodians.length) {
    throw malformed('needs exactly one share per custodian')
  }
  return {
    head,
    ct: bytes(fields.ct, CIPHERTEXT_LENGTH),
    kc: bytes(fields.kc, KEY_LENGTH),
    shares: shares.map((share) => bytes(share, SEALED_SHARE_LENGTH)),
  }
}

function readHead(document: unknown): Head {
  const fields = closed(document, HEAD_FIELDS)
  if (fields.v !== VERSION || fields.suite !== SUITE) throw malformed('another version or suite')
  if (!Array.isArray(fields.custodians)) throw malformed('custodians is not a list')
  const head = {
    terms: {
      notice: text(fields.notice),
      auction: text(fields.auction),
      threshold: whole(fields.threshold),
      custodians: fields.custodians.map(readCustodian),
    },
    bidder: text(fields.bidder),
    seq: whole(fields.seq),
  }
  checkHead(head)
  return head
}

function readCustodian(pair: Json): Custodian {
  if (!Array.isArray(pair) || pair.length !== 2) throw malformed('a custodian is [id, key]')
  return { id: text(pair[0]), publicKey: bytes(pair[1], KEY_LENGTH) }
}

function closed(document: unknown, names: string[]): Record<string, Json> {
  if (!isObject(document) || Object.keys(document).sort().join() !== names.join()) {
    throw malformed(`needs exactly the fields ${names.join(', ')}`)
  }
  return document
}

function text(value: unknown): string {
  if (typeof value !== 'string') throw malformed('a text is expected')
  return value
}

function whole(value: unknown): number {
  if (!Number.isSafeInteger(value)) throw malformed('a whole number is expected')
  return value as number
}

function bytes(value: unknown, length: number): Bytes {
  let data: Bytes
  try {
    data = unbase64(text(value))
  } catch {
    throw malformed('not base64')
  }
  if (data.length !== length) throw malformed(`not ${length} bytes`)
  return data
}
