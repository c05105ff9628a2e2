/** Bids that one person of a firm proposed and another one makes: in what order, on what lot. Pure. */

import type { Out } from '@/api'
import type { Bidding } from '@/market'

export type Proposal = Out<'ProposalOut'>

export function newestFirst(proposals: readonly Proposal[]): Proposal[] {
  return [...proposals].sort((a, b) => Date.parse(b.proposed_at) - Date.parse(a.proposed_at))
}

/** Those that another person can still approve, newest first. */
export function stillOpen(proposals: readonly Proposal[]): Proposal[] {
  return newestFirst(proposals).filter(({ state }) => state === 'open')
}

/** A lot as a bid on it is judged. */
export function biddingOn(lot: Out<'LotOut'>): Bidding {
  return {
    start: lot.start_price_cny,
    increment: lot.increment_cny ?? '0.00',
    current: lot.current_price_cny,
    area: lot.area_m2,
  }
}
