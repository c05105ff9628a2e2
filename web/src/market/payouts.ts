/** How the price of a lot was shared out: every ticket's share, summed up to the whole price. */

import { hundredths, toWire, type Wire } from './amounts'

export interface Payout {
  ticket: string
  area_m2: Wire
  share_cny: Wire
  reclamation_cost_cny: Wire
  financing_cost_cny: Wire
  net_cny: Wire
  parts: readonly { party: string; amount_cny: Wire; weight: number }[]
}

export interface PartySum {
  party: string
  amount: Wire
  /** The party's weight and all weights; undefined where tickets were split by different ones. */
  weights: { own: number; all: number } | undefined
}

export interface PayoutSums {
  tickets: number
  area: Wire
  price: Wire
  reclamation: Wire
  financing: Wire
  net: Wire
  /** In the order in which parties first appear. */
  parties: PartySum[]
}

export function sumPayouts(payouts: readonly Payout[]): PayoutSums {
  const sum = (of: (payout: Payout) => Wire) => toWire(payouts.reduce((all, one) => all + hundredths(of(one)), 0n))
  const parties = new Set(payouts.flatMap(({ parts }) => parts.map(({ party }) => party)))
  return {
    tickets: payouts.length,
    area: sum((one) => one.area_m2),
    price: sum((one) => one.share_cny),
    reclamation: sum((one) => one.reclamation_cost_cny),
    financing: sum((one) => one.financing_cost_cny),
    net: sum((one) => one.net_cny),
    parties: [...parties].map((party) => ({
      party,
      amount: sum((one) => partOf(one, party)),
      weights: weightsOf(payouts, party),
    })),
  }
}

/** What a party got of one ticket; zero where it had no part. */
export function partOf({ parts }: Payout, party: string): Wire {
  return parts.find((part) => part.party === party)?.amount_cny ?? '0.00'
}

function weightsOf(payouts: readonly Payout[], party: string): PartySum['weights'] {
  const seen = payouts.map(({ parts }) => ({
    own: parts.find((part) => part.party === party)?.weight ?? 0,
    all: parts.reduce((sum, { weight }) => sum + weight, 0),
  }))
  const [first] = seen
  return seen.every(({ own, all }) => own === first?.own && all === first.all) ? first : undefined
}
