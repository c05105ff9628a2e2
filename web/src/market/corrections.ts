/** Corrections of a case of reconciliation: which way, how much, and what an account holds afterwards. */

import { isNegative, minus, negated, plus, type Wire } from './amounts'

export interface Differing {
  account: string
  expected: Wire
  stands: Wire
}

/** Out of the account, or into it. */
export type Direction = 'out' | 'in'

/** What would bring an account to where the other book says that it should be. */
export function cure({ expected, stands }: Differing): { direction: Direction; amount: Wire } {
  const over = minus(stands, expected)
  return isNegative(over) ? { direction: 'in', amount: negated(over) } : { direction: 'out', amount: over }
}

/** What the account holds once the amount has gone out of it, or come in. */
export function afterwards(stands: Wire, direction: Direction, amount: Wire): Wire {
  return direction === 'out' ? minus(stands, amount) : plus(stands, amount)
}

export interface Booked {
  source: string
  target: string
  amount: Wire
}

/** A differing account as it stands after the corrections that were booked since it was found. */
export function corrected<One extends Differing>(one: One, booked: readonly Booked[]): One {
  const moved = (stands: Wire, { source, target, amount }: Booked) =>
    source === one.account ? afterwards(stands, 'out', amount) : target === one.account ? afterwards(stands, 'in', amount) : stands
  return { ...one, stands: booked.reduce(moved, one.stands) }
}

/** In whose books an account is: `due_to:500000:330000` in those of `500000`. */
export function bookOf(account: string): string {
  return account.split(':')[1] ?? ''
}

export interface StatedDebt {
  transfer: string
  kind: string
  state: string
  debtor: string
  creditor: string
}

/**
 * The debts that a correction of this account may state anew: sales between the same two provinces
 * that are not agreed. What moved with a household was committed, and is stated one way only.
 */
export function restatable<Debt extends StatedDebt>(debts: readonly Debt[], account: string): Debt[] {
  const [, book, other] = account.split(':')
  return debts.filter(
    ({ kind, state, debtor, creditor }) => kind === 'sale' && state !== 'agreed' && [debtor, creditor].includes(book ?? '') && [debtor, creditor].includes(other ?? ''),
  )
}

export interface OpenCase {
  kind: string
  closed_round: number | null
  accounts: readonly Differing[]
}

/**
 * The cases that new entries of a book can cure. Where a node's tables differ from its own log no
 * entry helps: it would move both alike.
 */
export function correctable<Case extends OpenCase>(cases: readonly Case[], book: string): Case[] {
  return cases.filter((one) => one.closed_round === null && one.kind !== 'tables' && one.accounts.some(({ account }) => bookOf(account) === book))
}
