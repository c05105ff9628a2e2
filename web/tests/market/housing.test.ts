/** What would happen to a housing account, before anything does. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import {
  allInCash,
  buyAffordable,
  buyCommercial,
  buyPublic,
  compare,
  least,
  minus,
  monthlyCharge,
  monthsPaid,
  offsetMortgage,
  ownedArea,
  plus,
  purchase,
  rentSchedule,
  type Purchase,
} from '../../src/market'
import { amount, positive } from './arbitraries'

const rental = fc.record({ area: positive, rentPerM2: amount, subsidyPerM2: amount })
const HOME = { area: '60.00', rentPerM2: '8.00', subsidyPerM2: '3.00' }

function keepsEveryFen(balance: string, price: string, after: Purchase): boolean {
  const spent = plus(after.fromAccount, after.cash, after.left) === balance
  return spent && plus(after.fromAccount, after.gap) === price && after.fromAccount === least(balance, price)
}

it('keeps every fen of balance and price, whatever is bought', () => {
  fc.assert(
    fc.property(amount, positive, rental, (balance, price, home) => {
      expect(keepsEveryFen(balance, price, purchase(balance, price))).toBe(true)
      expect(keepsEveryFen(balance, price, buyAffordable(balance, price, 'cash'))).toBe(true)
      expect(keepsEveryFen(balance, price, buyAffordable(balance, price, 'keep'))).toBe(true)
      expect(keepsEveryFen(balance, price, buyPublic(balance, price, home, 'rent_rest'))).toBe(true)
      expect(keepsEveryFen(balance, price, buyCommercial(balance, price, '0.00', '0.00'))).toBe(true)
      expect(keepsEveryFen(balance, price, offsetMortgage(balance, price))).toBe(true)
    }),
  )
})

describe('the rented public home', () => {
  it('is owned whole when the balance pays the price, and the surplus is paid out', () => {
    const after = buyPublic('45900.00', '45000.00', HOME, 'rent_rest')
    expect(after).toMatchObject({ owned: '60.00', rented: '0.00', charge: '0.00', gap: '0.00', cash: '900.00', left: '0.00' })
  })

  it('is owned in part, downward, and rented for the rest', () => {
    const after = buyPublic('30000.00', '90001.00', HOME, 'rent_rest')
    expect(after).toMatchObject({ owned: '19.99', rented: '40.01', charge: '200.05', gap: '60001.00', left: '0.00' })
    expect(buyPublic('30000.00', '90001.00', HOME, 'mortgage')).toMatchObject({ owned: '60.00', rented: '0.00' })
  })

  it('never gives more than was paid for', () => {
    fc.assert(
      fc.property(positive, amount, positive, (area, paid, price) => {
        const part = least(paid, price)
        return compare(ownedArea(area, part, price), area) <= 0
      }),
    )
  })

  it('charges rent less subsidy, never below zero, halves up', () => {
    expect(monthlyCharge(HOME)).toBe('300.00')
    expect(monthlyCharge({ ...HOME, subsidyPerM2: '9.00' })).toBe('0.00')
    expect(monthlyCharge({ area: '0.50', rentPerM2: '0.01', subsidyPerM2: '0.00' })).toBe('0.01')
  })
})

it('counts what each month takes, and what is left owing', () => {
  expect(rentSchedule('500.00', '300.00', 3)).toEqual([
    { month: 1, charge: '300.00', paid: '300.00', due: '0.00', left: '200.00' },
    { month: 2, charge: '300.00', paid: '200.00', due: '100.00', left: '0.00' },
    { month: 3, charge: '300.00', paid: '0.00', due: '300.00', left: '0.00' },
  ])
  expect(monthsPaid('500.00', '300.00')).toBe(1)
  expect(monthsPaid('500.00', '0.00')).toBeUndefined()
  fc.assert(
    fc.property(amount, amount, fc.integer({ min: 1, max: 12 }), (balance, charge, months) => {
      const lines = rentSchedule(balance, charge, months)
      return lines.length === months && plus(...lines.map(({ paid }) => paid), lines.at(-1)!.left) === balance
    }),
  )
})

it('draws a loan up to the gap, and says when it is over the cap', () => {
  expect(buyCommercial('100.00', '150.00', '80.00', '80.00')).toMatchObject({ loan: '50.00', own: '0.00', verdict: 'over-gap' })
  expect(buyCommercial('100.00', '200.00', '80.00', '80.00')).toMatchObject({ loan: '80.00', own: '20.00', verdict: 'fits' })
  expect(buyCommercial('100.00', '200.00', '80.01', '80.00').verdict).toBe('over-cap')
  fc.assert(
    fc.property(amount, positive, amount, amount, (balance, price, loan, cap) => {
      const after = buyCommercial(balance, price, loan, cap)
      return plus(after.loan, after.own) === after.gap && minus(after.gap, after.loan) === after.own
    }),
  )
})

it('empties the account when all is taken in cash', () => {
  expect(allInCash('12.34')).toEqual({ fromAccount: '0.00', gap: '0.00', cash: '12.34', left: '0.00' })
})
