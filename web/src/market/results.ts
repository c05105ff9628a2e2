/** What lots brought: results in order of their close, and prices per mu month by month. */

import { hundredths, perMu, toWire, type Wire } from './amounts'

export interface ClosedLot {
  id: string
  state: string
  area_m2: Wire
  price_cny: Wire | null
  /** By Beijing's clock, as the API answers. */
  closes_at: string
}

const OVER = ['sold', 'paid', 'unsold', 'defaulted']
/** A lot whose winner did not pay was not sold. */
const SOLD = ['sold', 'paid']

export function isSold(lot: ClosedLot): boolean {
  return SOLD.includes(lot.state) && lot.price_cny !== null
}

/** Lots with a result, the latest close first; from a month such as `2026-04` on. */
export function results<L extends ClosedLot>(lots: readonly L[], from = ''): L[] {
  return lots
    .filter((lot) => OVER.includes(lot.state) && monthOf(lot) >= from)
    .sort((a, b) => Date.parse(b.closes_at) - Date.parse(a.closes_at) || (a.id < b.id ? -1 : 1))
}

export interface Sales {
  lots: number
  area: Wire
  price: Wire
  /** The average: all money by all land. Undefined where nothing was sold. */
  perMu: Wire | undefined
}

export function salesOf(lots: readonly ClosedLot[]): Sales {
  const sold = lots.filter(isSold)
  const area = toWire(sold.reduce((sum, lot) => sum + hundredths(lot.area_m2), 0n))
  const price = toWire(sold.reduce((sum, lot) => sum + hundredths(lot.price_cny ?? '0.00'), 0n))
  return { lots: sold.length, area, price, perMu: perMu(price, area) }
}

export interface MonthOfSales extends Sales {
  /** Such as `2026-04`. */
  month: string
}

/** The months in which something was sold, in their order. */
export function salesByMonth(lots: readonly ClosedLot[]): MonthOfSales[] {
  const months = new Map<string, ClosedLot[]>()
  for (const lot of lots.filter(isSold)) months.set(monthOf(lot), [...(months.get(monthOf(lot)) ?? []), lot])
  return [...months].map(([month, of]) => ({ month, ...salesOf(of) })).sort((a, b) => (a.month < b.month ? -1 : 1))
}

/** The month that lies `count` months before a day such as `2026-04-13`. */
export function monthBefore(day: string, count: number): string {
  const month = Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7)) - 1 - count
  return `${String(Math.floor(month / 12)).padStart(4, '0')}-${String((month % 12) + 1).padStart(2, '0')}`
}

function monthOf({ closes_at: closesAt }: ClosedLot): string {
  return closesAt.slice(0, 7)
}
