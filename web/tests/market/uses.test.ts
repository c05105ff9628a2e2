import { readFileSync } from 'node:fs'

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import {
  buyAffordable,
  buyCommercial,
  buyPublic,
  daysFromHammer,
  enteredSteps,
  inForce,
  monthlyCharge,
  offsetMortgage,
  paymentClock,
  plus,
  rentSchedule,
  uses,
  yearsAndMonths,
  yearsBack,
} from '../../src/market'
import { amount, positive } from './arbitraries'

type Case = Record<string, string> & { months: [string, string, string][] }
const vectors = JSON.parse(readFileSync(new URL('../../../tests/vectors/housing_uses.json', import.meta.url), 'utf8')) as Record<string, Case[]>

const outcome = (of: { fromAccount: string; gap: string; cash: string; left: string }) => [of.fromAccount, of.gap, of.cash, of.left]
const expected = (one: Case) => [one.from_account, one.gap, one.cash, one.left]
const rentalOf = (one: Case) => ({ area: one.area!, rentPerM2: one.rent!, subsidyPerM2: one.subsidy! })

describe('the calculators say what the market decides', () => {
  it('for affordable homes', () => {
    for (const one of vectors.affordable!) {
      expect(outcome(buyAffordable(one.balance!, one.price!, one.surplus as 'cash' | 'keep'))).toEqual(expected(one))
    }
  })

  it('for commercial homes and their loan', () => {
    for (const one of vectors.commercial!) {
      const bought = buyCommercial(one.balance!, one.price!, one.loan!, one.cap!)
      expect(bought.verdict === 'over-cap').toBe(one.refused === 'loan-over-cap')
      if (one.refused) continue
      expect([...outcome(bought), bought.loan]).toEqual([...expected(one), one.drawn])
      expect(plus(bought.fromAccount, bought.loan, bought.own)).toBe(one.price)
    }
  })

  it('for mortgages', () => {
    for (const one of vectors.mortgage!) {
      const paid = offsetMortgage(one.balance!, one.principal!)
      expect([paid.fromAccount, paid.cash, paid.left]).toEqual([one.from_account, one.cash, one.left])
    }
  })

  it('for public homes, whole or in part', () => {
    for (const one of vectors.public!) {
      const bought = buyPublic(one.balance!, one.price!, rentalOf(one), one.gap_by as 'lump_sum' | 'rent_rest')
      expect([...outcome(bought), bought.owned, bought.rented, bought.charge]).toEqual([...expected(one), one.owned, one.rented, one.charge])
    }
  })

  it('for rents, month after month', () => {
    for (const one of vectors.rent!) {
      const charge = monthlyCharge(rentalOf(one))
      expect(charge).toBe(one.charge)
      expect(rentSchedule(one.balance!, charge, one.months.length).map(({ paid, due, left }) => [paid, due, left])).toEqual(one.months)
    }
  })
})

it('a purchase never makes or loses a fen', () => {
  fc.assert(
    fc.property(amount, positive, fc.constantFrom('cash' as const, 'keep' as const), (balance, price, surplus) => {
      const bought = buyAffordable(balance, price, surplus)
      expect(plus(bought.fromAccount, bought.cash, bought.left)).toBe(balance)
      expect(plus(bought.fromAccount, bought.gap)).toBe(price)
    }),
  )
})

describe('which uses are open', () => {
  const account = { open: true, affordable_homes: 0, option_date: '2031-04-05', rental: null as string | null }
  const hindrances = (of: typeof account | undefined, ever: boolean, at: string) =>
    Object.fromEntries(uses(of, ever, Date.parse(at)).map(({ key, hindrance }) => [key, hindrance]))

  it('none without an account, none with a closed one', () => {
    expect(new Set(Object.values(hindrances(undefined, false, '2027-01-01T00:00:00Z')))).toEqual(new Set(['no-account']))
    expect(new Set(Object.values(hindrances({ ...account, open: false }, true, '2027-01-01T00:00:00Z')))).toEqual(new Set(['account-closed']))
  })

  it('the rented home from the day of the option in Beijing, and not a second earlier', () => {
    const renting = { ...account, rental: 'r1' }
    expect(hindrances(renting, true, '2031-04-04T15:59:59Z').public).toBe('five-years-not-reached')
    expect(hindrances(renting, true, '2031-04-04T16:00:00Z').public).toBeNull()
    expect(hindrances(renting, true, '2031-04-04T16:00:00Z').rent).toBe('already-renting')
    expect(hindrances(account, true, '2032-01-01T00:00:00Z').public).toBe('not-renting')
  })

  it('a refund after any rental, a resale with a home to resell', () => {
    const at = '2027-01-01T00:00:00Z'
    expect(hindrances(account, false, at)).toMatchObject({ refund: 'refund-needs-public-rental', resale: 'no-affordable-home', cash: null })
    expect(hindrances({ ...account, affordable_homes: 1 }, true, at)).toMatchObject({ refund: null, resale: null })
  })
})

describe('when the steps began', () => {
  const events = [
    { kind: 'ticket.handed_in', at: '2026-03-01T09:00:00+08:00' },
    { kind: 'lot.listed', at: '2026-03-10T09:00:00+08:00' },
    { kind: 'lot.closed', at: '2026-04-10T09:00:00+08:00' },
  ]

  it('a close leads to the payment if it sold, else the ticket waits again', () => {
    expect(enteredSteps(events, 'sold')).toMatchObject({ listing: events[0]!.at, payment: events[2]!.at })
    const unsold = enteredSteps(events, 'handed_in')
    expect(unsold.listing).toBe(events[2]!.at)
    expect(unsold.payment).toBeUndefined()
  })

  it('a default sends it back to wait for another lot', () => {
    const defaulted = [...events, { kind: 'lot.defaulted', at: '2026-06-10T09:00:00+08:00' }]
    expect(enteredSteps(defaulted, 'handed_in').listing).toBe('2026-06-10T09:00:00+08:00')
  })

  it('from the hammer to the account are whole days, begun ones counting', () => {
    const settled = [...events, { kind: 'entry.settlement', at: '2026-04-12T10:00:00+08:00' }]
    const clock = paymentClock(
      { ticket: { state: 'settled', issued_at: '2026-02-01T09:00:00+08:00' }, entered: enteredSteps(settled, 'settled') },
      Date.parse('2026-05-01T09:00:00+08:00'),
    )
    expect(daysFromHammer(clock.steps)).toBe(3)
    expect(daysFromHammer(clock.steps.slice(0, 5))).toBeNull()
  })
})

it('the policy in force is the approved one that began last, of that province', () => {
  const version = (valid_from: string, approved_by: string | null, province = '500000') => ({ valid_from, approved_by, province })
  const versions = [
    version('2027-01-01T00:00:00+08:00', 'p-2'),
    version('2026-01-01T00:00:00+08:00', 'p-2'),
    version('2026-06-01T00:00:00+08:00', null),
    version('2026-07-01T00:00:00+08:00', 'p-2', '330000'),
  ]
  expect(inForce(versions, '500000', Date.parse('2026-12-31T23:59:59+08:00'))).toBe(versions[1])
  expect(inForce(versions, '500000', Date.parse('2027-01-01T00:00:00+08:00'))).toBe(versions[0])
  expect(inForce(versions, '430000', Date.parse('2027-01-01T00:00:00+08:00'))).toBeUndefined()
})

it('years stand once each, the latest first, and months become years', () => {
  expect(yearsBack(['2026-11-16T00:00:00+08:00', '2025-01-01T00:00:00+08:00', '2026-01-01T00:00:00+08:00'])).toEqual(['2026', '2025'])
  expect(yearsAndMonths(0)).toEqual({ years: 0, months: 0 })
  expect(yearsAndMonths(25)).toEqual({ years: 2, months: 1 })
})
