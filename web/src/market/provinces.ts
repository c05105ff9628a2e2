/**
 * Between provinces: what a coefficient makes of an area, step by step, who holds a transfer, and
 * what two provinces pay each other.
 */

import { compare, floor, hundredths, minus, toWire, type Wire } from './amounts'

export interface YieldPair {
  yield_out: number
  yield_in: number
}

/** n = floor(m × out / in), with every whole number on the way; areas in units of 0.01 m². */
export interface Quote {
  sent: Wire
  received: Wire
  out: number
  in: number
  /** The same fraction in lowest terms. */
  lowest: { out: string; in: string }
  units: string
  product: string
  quotient: string
  /** What the floor drops: so many `in`-ths of 0.01 m². */
  rest: string
}

export function quote(sent: Wire, { yield_out: out, yield_in: into }: YieldPair): Quote {
  const units = hundredths(sent)
  const [times, by] = [BigInt(out), BigInt(into)]
  const product = units * times
  const quotient = floor(product, by)
  const common = greatestCommon(times, by)
  return {
    sent,
    received: toWire(quotient),
    out,
    in: into,
    lowest: { out: (times / common).toString(), in: (by / common).toString() },
    units: units.toString(),
    product: product.toString(),
    quotient: quotient.toString(),
    rest: (product - quotient * by).toString(),
  }
}

function greatestCommon(a: bigint, b: bigint): bigint {
  return b === 0n ? a : greatestCommon(b, a % b)
}

export interface DatedCoefficient extends YieldPair {
  id: string
  from: string
  to: string
  valid_from: string
  valid_to: string
  approved_by: string | null
}

/** `proposed` waits for a second person; the others are approved. Days are those of Beijing. */
export type CoefficientStanding = 'proposed' | 'coming' | 'in_force' | 'over'

export function coefficientStanding({ valid_from: first, valid_to: last, approved_by: by }: DatedCoefficient, day: string): CoefficientStanding {
  if (by === null) return 'proposed'
  if (day < first) return 'coming'
  return day > last ? 'over' : 'in_force'
}

/** The approved coefficient of a pair on a day, first and last day included. */
export function coefficientOn<C extends DatedCoefficient>(all: readonly C[], from: string, to: string, day: string): C | undefined {
  return all.find((one) => one.from === from && one.to === to && coefficientStanding(one, day) === 'in_force')
}

export interface Moving {
  home: string
  to: string
  state: string
}

/** Who has to do something next, and what; undefined once it has ended. */
export function transferStep({ state }: Moving): { key: 'acceptance' | 'approval'; holder: 'province' | 'ministry' } | undefined {
  if (state === 'requested') return { key: 'acceptance', holder: 'province' }
  return state === 'accepted' ? { key: 'approval', holder: 'ministry' } : undefined
}

/** What a role may do with a transfer; a rejection names the one who speaks. */
export function transferRights(moving: Moving, role: string, party: string): { accept: boolean; approve: boolean; reject: 'receiver' | 'ministry' | undefined } {
  const receives = (role === 'province' || role === 'operator') && party === moving.to
  const open = transferStep(moving) !== undefined
  return {
    accept: receives && moving.state === 'requested',
    approve: role === 'ministry' && moving.state === 'accepted',
    reject: open && receives ? 'receiver' : open && role === 'ministry' ? 'ministry' : undefined,
  }
}

export interface DuePosition {
  debtor: string
  creditor: string
  amount_cny: Wire
}

export interface Netting {
  payer: string
  payee: string
  payerOwes: Wire
  payeeOwes: Wire
  netted: Wire
  paid: Wire
}

/** What a settlement of two provinces comes to: the one that owes more pays the difference. */
export function netting(positions: readonly DuePosition[], a: string, b: string): Netting | undefined {
  const owed = (debtor: string, creditor: string) =>
    positions.find((one) => one.debtor === debtor && one.creditor === creditor)?.amount_cny ?? '0.00'
  const [aOwes, bOwes] = [owed(a, b), owed(b, a)]
  if (a === b || (hundredths(aOwes) === 0n && hundredths(bOwes) === 0n)) return undefined
  return compare(aOwes, bOwes) >= 0 ? net(a, b, aOwes, bOwes) : net(b, a, bOwes, aOwes)
}

function net(payer: string, payee: string, payerOwes: Wire, payeeOwes: Wire): Netting {
  return { payer, payee, payerOwes, payeeOwes, netted: payeeOwes, paid: minus(payerOwes, payeeOwes) }
}

/** The pairs of provinces that owe each other something, each pair once. */
export function duePairs(positions: readonly DuePosition[]): Netting[] {
  const pairs = new Set(positions.map(({ debtor, creditor }) => [debtor, creditor].sort().join('>')))
  return [...pairs].sort().flatMap((pair) => {
    const [a = '', b = ''] = pair.split('>')
    return netting(positions, a, b) ?? []
  })
}
