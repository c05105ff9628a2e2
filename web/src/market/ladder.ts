/** The ladder of an ascending lot: what may be bid now, and what a bid would mean. */

import { hundredths, minus, percent, perMu, toWire, type Wire } from './amounts'

/** An ascending lot as the ladder needs it. */
export interface Bidding {
  start: Wire
  increment: Wire
  /** The leading price; null before the first bid. */
  current: Wire | null
  area: Wire
  /** Whether the reader's own bid leads. */
  leads?: boolean
}

/** The least bid that the rules accept now: the start, or the current price and one increment. */
export function permitted({ start, increment, current }: Bidding): Wire {
  return current === null ? start : toWire(hundredths(current) + hundredths(increment))
}

export interface Rung {
  price: Wire
  /** Steps above the least permitted bid; 0 is that bid itself. */
  step: number
  perMu: Wire | undefined
  /** Percent above the start price, with two places. */
  premium: string | undefined
}

/** The permitted bid and the next whole steps above it. */
export function ladder(bidding: Bidding, rungs: number): Rung[] {
  const least = hundredths(permitted(bidding))
  return Array.from({ length: rungs }, (_, step) => {
    const price = toWire(least + BigInt(step) * hundredths(bidding.increment))
    return { price, step, ...meaning(bidding, price) }
  })
}

/** Per mu and premium over the start of a price. */
export function meaning(bidding: Bidding, price: Wire): Pick<Rung, 'perMu' | 'premium'> {
  return { perMu: perMu(price, bidding.area), premium: premium(price, bidding.start) }
}

/** Percent by which a price lies above the start, two places, toward zero. */
export function premium(price: Wire, start: Wire): string | undefined {
  return percent(minus(price, start), start)
}

/**
 * Whole increments from the least permitted bid up to a price; below it negative. Each begun step
 * below counts, so that nothing too low seems to be at zero.
 */
export function stepsAbove(bidding: Bidding, price: Wire): bigint {
  const [gap, step] = [hundredths(price) - hundredths(permitted(bidding)), hundredths(bidding.increment)]
  if (step <= 0n) return gap
  return gap >= 0n ? gap / step : -((-gap + step - 1n) / step)
}

/** `leading`: the rules refuse to outbid oneself. `high`: allowed, but people should look twice. */
export type BidVerdict = 'fits' | 'high' | 'low' | 'leading'

/** What the rules and the step cap say to a price, before it is sent. */
export function judgeBid(bidding: Bidding, price: Wire, stepCap: number): BidVerdict {
  if (bidding.leads === true) return 'leading'
  const steps = stepsAbove(bidding, price)
  if (steps < 0n) return 'low'
  return steps > BigInt(stepCap) ? 'high' : 'fits'
}

/** What a bidder stands to pay over several lots. */
export interface Stake {
  /** The bidder's own highest bid; null without one. */
  own: Wire | null
  /** A maximum that the server holds for the bidder; null without one. */
  maximum: Wire | null
  deposit: Wire
  leads: boolean
  /** Bidding may still change who pays: open or frozen. */
  open: boolean
}

export interface Exposure {
  /** To be paid if everything ended now. */
  now: Wire
  /** To be paid at the most, if every own bid and maximum came to count. */
  most: Wire
  /** Held as deposits. */
  deposits: Wire
}

export function exposure(stakes: readonly Stake[]): Exposure {
  let now = 0n
  let most = 0n
  let deposits = 0n
  for (const { own, maximum, deposit, leads, open } of stakes) {
    const bid = own === null ? 0n : hundredths(own)
    const limit = maximum === null ? bid : max(bid, hundredths(maximum))
    if (leads) now += bid
    if (leads || open) most += open ? limit : bid
    deposits += hundredths(deposit)
  }
  return { now: toWire(now), most: toWire(most), deposits: toWire(deposits) }
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b
}
