/** What an exchange and a fund centre keep an eye on: payments that are due, pools, subsidies. */

import { floor, hundredths, timesArea, toWire, type Wire } from './amounts'
import { daysBetween } from './clock'

export interface SoldLot {
  id: string
  state: string
  price_cny: Wire | null
  payment_due_at: string | null
}

export interface DueLot<L extends SoldLot> {
  lot: L
  /** Days until the payment is due; negative when it is overdue, null once it is no longer due. */
  left: number | null
  standing: 'overdue' | 'due' | 'defaulted' | 'paid'
}

const STANDINGS: DueLot<SoldLot>['standing'][] = ['overdue', 'due', 'defaulted', 'paid']

/** Lots that were sold: overdue first, then by date due, then what defaulted, then what is paid. */
export function payments<L extends SoldLot>(lots: readonly L[], now: number): DueLot<L>[] {
  const instant = ({ lot }: DueLot<L>) => Date.parse(lot.payment_due_at ?? '') || 0
  return lots
    .filter(({ state }) => state === 'sold' || state === 'paid' || state === 'defaulted')
    .map((lot): DueLot<L> => {
      const due = lot.payment_due_at
      if (lot.state === 'paid' || lot.state === 'defaulted') return { lot, left: null, standing: lot.state }
      const overdue = due !== null && Date.parse(due) < now
      return { lot, left: due === null ? null : daysBetween(now, due), standing: overdue ? 'overdue' : 'due' }
    })
    .sort((a, b) => STANDINGS.indexOf(a.standing) - STANDINGS.indexOf(b.standing) || instant(a) - instant(b) || (a.lot.id < b.lot.id ? -1 : 1))
}

/** The prices of lots in one standing together. */
export function outstanding<L extends SoldLot>(lots: readonly DueLot<L>[], standing: DueLot<L>['standing']): Wire {
  const of = lots.filter((one) => one.standing === standing)
  return toWire(of.reduce((sum, { lot }) => sum + hundredths(lot.price_cny ?? '0.00'), 0n))
}

/** The part of a land income that fills the subsidy pool: rounded down to the fen (R138). */
export function pooled(income: Wire, share: Wire): Wire {
  return toWire(floor(hundredths(income) * hundredths(share), 100n))
}

/** A household's subsidy of a year, by heads or by rented area (R136). */
export function subsidy(rate: Wire, by: { heads: number } | { area: Wire }): Wire {
  return 'heads' in by ? toWire(hundredths(rate) * BigInt(by.heads)) : timesArea(rate, by.area)
}
