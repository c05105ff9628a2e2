/** A price that somebody is about to bid: what it means, and what is to be said against it. Pure. */

import { compare, judgeBid, meaning, permitted, plus, stepsAbove, type Bidding, type BidVerdict, type Wire } from '@/market'
import type { Room, Standing } from './room'

/** More steps than these above the least bid, and people are asked to look twice. */
export const STEP_CAP = 5
/** Offered as quick bids, beside the least one. */
export const QUICK_STEPS: readonly number[] = [1, 2, 3, STEP_CAP]

export function biddingOf(room: Room, standing: Standing): Bidding {
  return {
    start: room.start,
    increment: room.increment ?? '0.00',
    current: room.current,
    area: room.area,
    leads: standing === 'leading',
  }
}

export interface Offer {
  price: Wire
  perMu: Wire | undefined
  premium: string | undefined
  /** Whole steps above the least permitted bid. */
  steps: string
  verdict: BidVerdict
}

export function offerOf(bidding: Bidding, price: Wire): Offer {
  return {
    price,
    ...meaning(bidding, price),
    steps: stepsAbove(bidding, price).toString(),
    verdict: judgeBid(bidding, price, STEP_CAP),
  }
}

/** Whether a maximum would ever bid: it must reach the least permitted price. */
export function maximumWorks(bidding: Bidding, maximum: Wire): boolean {
  return compare(maximum, bidding.leads === true ? (bidding.current ?? bidding.start) : permitted(bidding)) >= 0
}

export interface Means {
  /** Free cash. */
  cash: Wire
  /** Held for all lots: it counts towards their prices. */
  deposits: Wire
  /** To be paid at the most on the bidder's other lots. */
  others: Wire
  /** What the bidder set itself over all lots; undefined without. */
  limit: Wire | undefined
}

export interface Burden {
  /** What might have to be paid in all. */
  most: Wire
  /** More than free cash and deposits. */
  overCash: boolean
  overLimit: boolean
}

/** What a bid at this price would add up to with the other lots. */
export function burden({ cash, deposits, others, limit }: Means, price: Wire): Burden {
  const most = plus(others, price)
  return {
    most,
    overCash: compare(most, plus(cash, deposits)) > 0,
    overLimit: limit !== undefined && compare(most, limit) > 0,
  }
}
