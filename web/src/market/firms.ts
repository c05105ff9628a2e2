/** Bids of firms: what one person may not do alone. The server holds to it; this says it beforehand. */

import { compare, type Wire } from './amounts'

/** Whether a bid needs a second person; a price of null is one that nobody but its bidder can read. */
export function needsSecond(limit: Wire | null, price: Wire | null): boolean {
  return limit !== null && (price === null || compare(price, limit) > 0)
}

/** `alone`: in force at once, since it only binds the firm more. `two`: another person approves it. */
export type LimitChange = 'same' | 'alone' | 'two'

/** What a change of the limit takes; null is no limit. */
export function limitChange(inForce: Wire | null, wanted: Wire | null): LimitChange {
  if (inForce === null || wanted === null) return inForce === wanted ? 'same' : 'two'
  const order = compare(wanted, inForce)
  return order === 0 ? 'same' : order < 0 ? 'alone' : 'two'
}
