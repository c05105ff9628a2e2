/**
 * What a household could do with its housing account, and what would happen: before anything does.
 * The inputs are the account, its rental and the policy as the API shows them; the rules are those
 * of the case format (R150 to R170). The node judges again when it is asked in earnest.
 */

import { floor, hundredths, isZero, least, minus, timesArea, toWire, type Wire } from './amounts'

export type Gap = 'lump_sum' | 'mortgage' | 'instalments' | 'rent_rest'

/** What a purchase would do to the account. */
export interface Purchase {
  /** Paid from the account: the balance or the price, whichever is less. */
  fromAccount: Wire
  /** Still to be paid, by the way that is chosen for it. */
  gap: Wire
  /** Paid out in cash. */
  cash: Wire
  /** Left in the account. */
  left: Wire
}

const NOTHING = '0.00'

/** A home bought at a price: the account pays what it can, the rest of it stays. */
export function purchase(balance: Wire, price: Wire): Purchase {
  const fromAccount = least(balance, price)
  return { fromAccount, gap: minus(price, fromAccount), cash: NOTHING, left: minus(balance, fromAccount) }
}

function cashed(bought: Purchase): Purchase {
  return { ...bought, cash: bought.left, left: NOTHING }
}

/** Affordable home: what is left is kept, or taken in cash. */
export function buyAffordable(balance: Wire, price: Wire, surplus: 'cash' | 'keep'): Purchase {
  const bought = purchase(balance, price)
  return surplus === 'cash' ? cashed(bought) : bought
}

/** The whole balance in cash: a refund, which closes the account, or a withdrawal. */
export function allInCash(balance: Wire): Purchase {
  return { fromAccount: NOTHING, gap: NOTHING, cash: balance, left: NOTHING }
}

export interface Rental {
  area: Wire
  rentPerM2: Wire
  subsidyPerM2: Wire
}

/** Rented public home, bought whole or in part, the surplus in cash; with `rent_rest` the gap is not paid but rented. */
export interface PublicPurchase extends Purchase {
  owned: Wire
  rented: Wire
  /** The monthly charge for what is still rented. */
  charge: Wire
}

export function buyPublic(balance: Wire, price: Wire, rental: Rental, gapBy: Gap): PublicPurchase {
  const bought = cashed(purchase(balance, price))
  const owned = gapBy === 'rent_rest' && !isZero(bought.gap) ? ownedArea(rental.area, bought.fromAccount, price) : rental.area
  const rented = minus(rental.area, owned)
  return { ...bought, owned, rented, charge: monthlyCharge({ ...rental, area: rented }) }
}

/** floor(area × paid / price): the part of a home that is paid for. */
export function ownedArea(area: Wire, paid: Wire, price: Wire): Wire {
  return toWire(floor(hundredths(area) * hundredths(paid), hundredths(price)))
}

/** Rent less subsidy, each m² of it, never below zero; halves up to the fen. */
export function monthlyCharge({ area, rentPerM2, subsidyPerM2 }: Rental): Wire {
  const rate = hundredths(rentPerM2) - hundredths(subsidyPerM2)
  return rate > 0n ? timesArea(toWire(rate), area) : NOTHING
}

/** Months that the balance pays in full at this charge; undefined when nothing is charged. */
export function monthsPaid(balance: Wire, charge: Wire): number | undefined {
  return isZero(charge) ? undefined : Number(hundredths(balance) / hundredths(charge))
}

/** A number of months as people say it. */
export function yearsAndMonths(months: number): { years: number; months: number } {
  return { years: Math.floor(months / 12), months: months % 12 }
}

export interface RentLine {
  /** 1 is the first charge. */
  month: number
  charge: Wire
  paid: Wire
  /** What the balance could not pay; it is counted as due. */
  due: Wire
  left: Wire
}

/** The next charges and what becomes of the balance. */
export function rentSchedule(balance: Wire, charge: Wire, months: number): RentLine[] {
  const lines: RentLine[] = []
  for (let month = 1, left = balance; month <= months; month++) {
    const paid = least(left, charge)
    left = minus(left, paid)
    lines.push({ month, charge, paid, due: minus(charge, paid), left })
  }
  return lines
}

export type LoanVerdict = 'fits' | 'over-cap' | 'over-gap'

/** First commercial home: the account pays first, then a low-interest loan, then own money. */
export function buyCommercial(
  balance: Wire,
  price: Wire,
  loan: Wire,
  loanCap: Wire,
): Purchase & { loan: Wire; own: Wire; verdict: LoanVerdict } {
  const bought = purchase(balance, price)
  const counted = least(loan, bought.gap)
  const overCap = hundredths(loan) > hundredths(loanCap)
  return {
    ...bought,
    loan: counted,
    own: minus(bought.gap, counted),
    verdict: overCap ? 'over-cap' : hundredths(loan) > hundredths(bought.gap) ? 'over-gap' : 'fits',
  }
}

/** Open mortgage of the only home: as much of the principal as the account holds. */
export function offsetMortgage(balance: Wire, principal: Wire): Purchase {
  return purchase(balance, principal)
}
