/** A lot's notice as the exchange shows it, read strictly where a seal depends on it. */

import { hex, unbase64, utf8 } from '../base/bytes'
import { canonical, isObject, type Json } from '../base/canonical'
import { sha256 } from '../base/hash'
import { isAmount } from '../money/yuan'
import { SealError, VERSION, checkTerms, type Terms } from './message'

export interface Notice {
  terms: Terms
  /** Which notice of the lot it is, where the node said so. */
  number?: number
  startPrice?: string
  deposit?: string
  opensAt?: string
  closesAt?: string
}

/**
 * Reads what `GET /v1/lots/{lot}/notice` answers, or the terms alone. The hash that a bid names is
 * computed from the terms; one that the node says and that differs is refused. Throws `SealError`.
 */
export function parseNotice(text: string): Notice {
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch {
    throw fault('notice-malformed', 'the notice is not JSON')
  }
  if (!isObject(document)) throw fault('notice-malformed', 'the notice is not a JSON object')
  const said = isObject(document.terms) ? document : undefined
  const terms = (said ? said.terms : document) as Record<string, Json>
  if (terms.sealing !== VERSION) throw fault('notice-not-sealed', `bids for this lot are not sealed by ${VERSION}`)
  const hash = hashOf(terms)
  if (said?.hash !== undefined && said.hash !== hash) {
    throw fault('notice-hash', `the terms hash to ${hash}, the notice says ${String(said.hash)}`)
  }
  return {
    terms: sealTerms(terms, hash),
    ...(typeof said?.number === 'number' ? { number: said.number } : {}),
    ...(isAmount(terms.start_price_cny) ? { startPrice: terms.start_price_cny } : {}),
    ...(isAmount(terms.deposit_cny) ? { deposit: terms.deposit_cny } : {}),
    ...(typeof terms.opens_at === 'string' ? { opensAt: terms.opens_at } : {}),
    ...(typeof terms.closes_at === 'string' ? { closesAt: terms.closes_at } : {}),
  }
}

function hashOf(terms: Json): string {
  try {
    return hex(sha256(utf8(canonical(terms))))
  } catch {
    throw fault('notice-malformed', 'the terms have a number that is not whole')
  }
}

function sealTerms(terms: Record<string, Json>, notice: string): Terms {
  const { lot, threshold, custodians } = terms
  if (typeof lot !== 'string' || typeof threshold !== 'number' || !Array.isArray(custodians)) {
    throw fault('notice-malformed', 'the lot, the threshold or the custodians are missing')
  }
  const read: Terms = { notice, auction: lot, threshold, custodians: custodians.map(custodian) }
  checkTerms(read)
  return read
}

function custodian(pair: Json): Terms['custodians'][number] {
  const [id, key] = Array.isArray(pair) ? pair : []
  try {
    if (typeof id === 'string' && typeof key === 'string') return { id, publicKey: unbase64(key) }
  } catch {
    // Said below.
  }
  throw fault('notice-malformed', 'a custodian is not [id, key]')
}

function fault(code: string, message: string): SealError {
  return new SealError('input', code, message)
}
