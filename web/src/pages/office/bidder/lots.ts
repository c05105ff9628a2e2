/** Which lots a bidder wants to see, and in which order. Pure. */

import type { Out } from '@/api'
import { compare, perMu, type Wire } from '@/market'

export type Lot = Out<'LotOut'>

export interface Wish {
  /** Empty: any. */
  state: string
  mode: string
  province: string
  least: Wire | undefined
  most: Wire | undefined
  dearest: Wire | undefined
  /** Only what closes within a day. */
  soon: boolean
  own: boolean
}

export const ANY: Wish = {
  state: '',
  mode: '',
  province: '',
  least: undefined,
  most: undefined,
  dearest: undefined,
  soon: false,
  own: false,
}

const DAY = 24 * 60 * 60 * 1000
const LIVE = ['open', 'frozen', 'listed', 'closed', 'sold']

/** The price that stands now: what it went for, what leads, or what it starts at. */
export function priceOf(lot: Lot): Wire {
  return lot.price_cny ?? lot.current_price_cny ?? lot.start_price_cny
}

export function pricePerMu(lot: Lot): Wire | undefined {
  return perMu(priceOf(lot), lot.area_m2)
}

export function isLive(lot: Lot): boolean {
  return lot.state === 'open' || lot.state === 'frozen' || lot.state === 'listed'
}

export function closesSoon(lot: Lot, now: number): boolean {
  const left = Date.parse(lot.closes_at) - now
  return (lot.state === 'open' || lot.state === 'frozen') && left > 0 && left <= DAY
}

export function fits(lot: Lot, wish: Wish, own: ReadonlySet<string>, now: number): boolean {
  return (
    (wish.state === '' || lot.state === wish.state) &&
    (wish.mode === '' || lot.mode === wish.mode) &&
    (wish.province === '' || lot.province === wish.province) &&
    (wish.least === undefined || compare(lot.area_m2, wish.least) >= 0) &&
    (wish.most === undefined || compare(lot.area_m2, wish.most) <= 0) &&
    (wish.dearest === undefined || compare(priceOf(lot), wish.dearest) <= 0) &&
    (!wish.soon || closesSoon(lot, now)) &&
    (!wish.own || own.has(lot.id))
  )
}

/** What can still be bid for first, the nearest close on top; then what is over, newest first. */
export function inOrder(lots: readonly Lot[]): Lot[] {
  const rank = (lot: Lot) => (LIVE.includes(lot.state) ? LIVE.indexOf(lot.state) : LIVE.length)
  return [...lots].sort((a, b) => {
    const [left, right] = [Date.parse(a.closes_at), Date.parse(b.closes_at)]
    return rank(a) - rank(b) || (isLive(a) ? left - right : right - left) || (a.id < b.id ? -1 : 1)
  })
}

export function wished(lots: readonly Lot[], wish: Wish, own: ReadonlySet<string>, now: number): Lot[] {
  return inOrder(lots.filter((lot) => fits(lot, wish, own, now)))
}

/** Where a lot leads a bidder who takes part, or does not yet. */
export function wayInto(lot: Lot, registered: boolean, mayAct = true): 'room' | 'seal' | 'register' | 'result' | 'watch' {
  if (!isLive(lot) && lot.state !== 'closed') return 'result'
  if (!mayAct) return lot.mode === 'ascending' ? 'room' : 'watch'
  if (!registered) return isLive(lot) ? 'register' : 'watch'
  return lot.sealing === 'lqx-seal/1' ? 'seal' : 'room'
}
