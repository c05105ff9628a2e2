/**
 * Which ways to use a housing account are open to a household now, and what stands in the way of
 * the others. Only what the account itself shows is judged here; declarations (first home, passed
 * assessment) are judged by the node.
 */

import { dayOf } from './clock'

export type UseKey = 'affordable' | 'resale' | 'rent' | 'public' | 'commercial' | 'mortgage' | 'cash' | 'refund'

export type Hindrance =
  | 'no-account'
  | 'account-closed'
  | 'no-affordable-home'
  | 'already-renting'
  | 'not-renting'
  | 'five-years-not-reached'
  | 'refund-needs-public-rental'

export interface AccountFacts {
  open: boolean
  affordable_homes: number
  option_date: string
  rental: string | null
}

export interface Use {
  key: UseKey
  hindrance: Hindrance | null
}

const ORDER: UseKey[] = ['rent', 'public', 'affordable', 'commercial', 'mortgage', 'cash', 'refund', 'resale']

/** Every use with what stands in its way; `everRented` counts rentals that have ended, too. */
export function uses(account: AccountFacts | undefined, everRented: boolean, now: number): Use[] {
  return ORDER.map((key) => ({ key, hindrance: hindrance(key, account, everRented, now) }))
}

function hindrance(key: UseKey, account: AccountFacts | undefined, everRented: boolean, now: number): Hindrance | null {
  if (!account) return 'no-account'
  if (!account.open) return 'account-closed'
  switch (key) {
    case 'rent':
      return account.rental === null ? null : 'already-renting'
    case 'public':
      if (account.rental === null) return 'not-renting'
      return dayOf(now) < account.option_date ? 'five-years-not-reached' : null
    case 'refund':
      return everRented ? null : 'refund-needs-public-rental'
    case 'resale':
      return account.affordable_homes > 0 ? null : 'no-affordable-home'
    default:
      return null
  }
}
