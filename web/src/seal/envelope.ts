/** A bidder's papers: the key that signs its bids, the signed note it sends, the secret it keeps. */

import { base64, fromUtf8, hex, unbase64, type Bytes } from '../base/bytes'
import { isObject } from '../base/canonical'
import { sha256 } from '../base/hash'
import { encodeVkey, publicKeyOf, signNote } from '../notes/note'
import { KEY_LENGTH, SealError, parseMessage, type Terms } from './message'
import { openWithDek, seal, type Bid } from './sealing'

// The files are those of `hrt seal`, so that a bidder may go on with either.
const KEY_KIND = 'bid_key'
const SECRET_KIND = 'bid_secret'

/** Signs one bidder's bids for one lot; its verifier key is handed in with the registration. */
export interface BidKey {
  /** `<bidder>/<lot>` */
  name: string
  privateKey: Bytes
  vkey: string
}

export interface Envelope {
  /** Hex hash of the message: by it the log commits to the bid. */
  hash: string
  /** The signed note that is sent. */
  note: string
  /** The file that the bidder keeps: with it the bid can be opened if custodians lose their keys. */
  secret: string
}

export function bidKeyName(lot: string, bidder: string): string {
  return `${bidder}/${lot}`
}

export function makeBidKey(name: string, privateKey: Bytes): BidKey {
  return { name, privateKey, vkey: encodeVkey(name, publicKeyOf(privateKey)) }
}

export function encodeBidKey({ name, privateKey }: BidKey): string {
  const [bidder, lot] = name.split('/')
  return file({ kind: KEY_KIND, bidder, lot, private: base64(privateKey) })
}

/** Reads the file of a bid key; throws `SealError` when it is none, or not of this name. */
export function parseBidKey(text: string, name: string): BidKey {
  try {
    const fields: unknown = JSON.parse(text)
    if (isObject(fields) && fields.kind === KEY_KIND && typeof fields.private === 'string') {
      const privateKey = unbase64(fields.private)
      const named = `${String(fields.bidder)}/${String(fields.lot)}`
      if (named === name && privateKey.length === KEY_LENGTH) return makeBidKey(name, privateKey)
    }
  } catch {
    // Said below.
  }
  throw new SealError('input', 'bid-key-invalid', `not a file of the key ${name}`)
}

function file(content: Record<string, unknown>): string {
  return `${JSON.stringify(content, null, 1)}\n`
}

/** Seals and signs; then opens what was sealed, so that nothing is sent that would not open. */
export async function makeEnvelope(
  terms: Terms,
  bidder: string,
  seq: number,
  bid: Bid,
  dek: Bytes,
  key: BidKey,
): Promise<Envelope> {
  const message = await seal(terms, bidder, seq, bid, dek)
  const opened = await openWithDek(parseMessage(message), dek)
  if (opened.bid.price_cny !== bid.price_cny) throw new Error('what was sealed does not open')
  const hash = hex(sha256(message))
  const { auction: lot } = terms
  return {
    hash,
    note: signNote(`${fromUtf8(message)}\n`, key.name, key.privateKey),
    // The price stands in no file: dek and message give it.
    secret: file({ kind: SECRET_KIND, lot, bidder, seq, message: hash, dek: base64(dek) }),
  }
}

export function isId(text: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(text)
}

/** The idempotency key of sending a bid: the same bid is sent once, however often. */
export function requestKey(hash: string): string {
  return `sealed-bid-${hash}`
}
