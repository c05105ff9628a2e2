/** A bidder's lots together: what is at stake, and what became of each deposit. Pure. */

import type { Out } from '@/api'
import { compare, exposure, isZero, minus, negated, plus, type Exposure, type Stake, type Wire } from '@/market'

type Lot = Out<'LotOut'>
type Movement = Out<'MovementOut'>

/** A lot that the bidder takes part in, with what it has bid. */
export interface OwnLot {
  lot: Lot
  paddle: number
  /** The own highest bid that was taken; null without one, or where nobody may read it. */
  own: Wire | null
  maximum: Wire | null
  leads: boolean
}

export function stakeOf({ lot, own, maximum, leads }: OwnLot): Stake {
  const open = lot.state === 'open' || lot.state === 'frozen'
  const running = open || lot.state === 'listed' || lot.state === 'closed'
  return {
    own: running || lot.state === 'sold' ? own : null,
    maximum: open ? maximum : null,
    deposit: running || (lot.state === 'sold' && leads) ? lot.deposit_cny : '0.00',
    leads: (running || lot.state === 'sold') && leads,
    open,
  }
}

export interface Board extends Exposure {
  /** What would have to come on top of free cash and deposits, if every own bid won; zero if none. */
  short: Wire
}

export function board(lots: readonly OwnLot[], cash: Wire): Board {
  const total = exposure(lots.map(stakeOf))
  const gap = minus(total.most, plus(cash, total.deposits))
  return { ...total, short: compare(gap, '0.00') > 0 ? gap : '0.00' }
}

/** What the bidder's other lots may cost, and the deposits held for all: to judge one more bid by. */
export function besides(lots: readonly OwnLot[], lot: string): { others: Wire; deposits: Wire } {
  const { most } = exposure(lots.filter((one) => one.lot.id !== lot).map(stakeOf))
  return { others: most, deposits: exposure(lots.map(stakeOf)).deposits }
}

/** The highest of a bidder's own bids that were taken, and whether the last bid of all is one of them. */
export function ownStand(bids: readonly Out<'BidOut'>[], paddle: number): { own: Wire | null; leads: boolean } {
  const mine = bids.filter((bid) => bid.paddle === paddle).flatMap(({ price_cny: price }) => price ?? [])
  const own = mine.reduce<Wire | null>((best, price) => (best === null || compare(price, best) > 0 ? price : best), null)
  return { own, leads: bids.at(-1)?.paddle === paddle }
}

export type DepositState = 'held' | 'released' | 'paid' | 'forfeited'

export interface Deposit {
  lot: string
  amount: Wire
  state: DepositState
  heldAt: string
  endedAt: string | null
}

const ENDS: Record<string, DepositState | undefined> = {
  deposit_release: 'released',
  payment: 'paid',
  deposit_forfeit: 'forfeited',
}

/**
 * The deposits behind a cash account's movements, oldest movement last as the API gives them. A
 * forfeit does not touch the cash account, so the lot's state says it.
 */
export function deposits(movements: readonly Movement[], lots: ReadonlyMap<string, Lot>): Deposit[] {
  const found = new Map<string, Deposit>()
  for (const { kind, subject, at, amount } of [...movements].reverse()) {
    if (kind === 'deposit_hold') {
      found.set(subject, { lot: subject, amount: negated(amount), state: 'held', heldAt: at, endedAt: null })
      continue
    }
    const deposit = found.get(subject)
    const state = ENDS[kind]
    if (deposit && state) found.set(subject, { ...deposit, state, endedAt: at })
  }
  for (const [id, deposit] of found) {
    const lot = lots.get(id)
    if (deposit.state !== 'held' || lot === undefined) continue
    if (lot.state === 'defaulted') found.set(id, { ...deposit, state: 'forfeited', endedAt: lot.payment_due_at })
    if (lot.state === 'paid') found.set(id, { ...deposit, state: 'paid' })
  }
  return [...found.values()].reverse()
}

/** What the winner still has to bring on top of the deposit. */
export function stillDue(lot: Lot): Wire {
  const rest = minus(lot.price_cny ?? '0.00', lot.deposit_cny)
  return compare(rest, '0.00') > 0 ? rest : '0.00'
}

/** Money that has to be transferred first; zero where the free cash suffices. */
export function missingCash(lot: Lot, cash: Wire): Wire {
  const gap = minus(stillDue(lot), cash)
  return compare(gap, '0.00') > 0 ? gap : '0.00'
}

export function coversDeposit(lot: Lot, cash: Wire): boolean {
  return isZero(lot.deposit_cny) || compare(cash, lot.deposit_cny) >= 0
}
