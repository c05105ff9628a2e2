/** Results, payouts and coefficients: sums that are exact, and nothing that was not sold. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { coefficientsOn, hundredths, monthBefore, partOf, plus, results, salesByMonth, salesOf, sumPayouts, type ClosedLot, type Payout } from '../../src/market'
import { amount, positive } from './arbitraries'

const STATES = ['listed', 'open', 'frozen', 'closed', 'sold', 'unsold', 'paid', 'defaulted']
const lot: fc.Arbitrary<ClosedLot> = fc
  .record({ id: fc.uuid(), state: fc.constantFrom(...STATES), area_m2: positive, price: positive, month: fc.integer({ min: 1, max: 4 }), day: fc.integer({ min: 1, max: 3 }) })
  .map(({ id, state, area_m2, price, month, day }) => ({
    id,
    state,
    area_m2,
    price_cny: ['sold', 'paid', 'defaulted'].includes(state) ? price : null,
    closes_at: `2026-0${month}-0${day}T10:00:00+08:00`,
  }))
const lots = fc.array(lot, { maxLength: 12 })

describe('results', () => {
  it('are in order of their close, the latest first, and nothing that still runs', () => {
    fc.assert(
      fc.property(lots, (all) => {
        const shown = results(all)
        expect(shown.every(({ state }) => STATES.indexOf(state) > 3)).toBe(true)
        const closes = shown.map((one) => one.closes_at)
        expect(closes).toEqual([...closes].sort().reverse())
        expect(results(all, '2026-03')).toEqual(shown.filter((one) => one.closes_at >= '2026-03'))
      }),
    )
  })

  it('sum up month by month to the whole, without lots whose winner did not pay', () => {
    fc.assert(
      fc.property(lots, (all) => {
        const whole = salesOf(all)
        const months = salesByMonth(all)
        expect(plus('0.00', ...months.map(({ price }) => price))).toBe(whole.price)
        expect(plus('0.00', ...months.map(({ area }) => area))).toBe(whole.area)
        expect(whole.lots).toBe(all.filter(({ state }) => state === 'sold' || state === 'paid').length)
        expect(months.map(({ month }) => month)).toEqual([...new Set(months.map(({ month }) => month))].sort())
        expect(whole.perMu === undefined).toBe(whole.lots === 0)
      }),
    )
  })

  it('are asked for from a month on that may lie in another year', () => {
    expect(monthBefore('2026-04-13', 3)).toBe('2026-01')
    expect(monthBefore('2026-04-13', 4)).toBe('2025-12')
    expect(monthBefore('2026-12-31', 0)).toBe('2026-12')
    expect(monthBefore('2026-01-01', 25)).toBe('2023-12')
  })
})

const payout: fc.Arbitrary<Payout> = fc.record({
  ticket: fc.uuid(),
  area_m2: positive,
  share_cny: amount,
  reclamation_cost_cny: amount,
  financing_cost_cny: amount,
  net_cny: amount,
  parts: fc.uniqueArray(fc.record({ party: fc.constantFrom('collective', 'township', 'villager'), amount_cny: amount, weight: fc.integer({ min: 1, max: 2 }) }), {
    selector: ({ party }) => party,
  }),
})

describe('payouts', () => {
  it('sum up over tickets and over parties alike', () => {
    fc.assert(
      fc.property(fc.array(payout, { maxLength: 6 }), (payouts) => {
        const sums = sumPayouts(payouts)
        const all = payouts.flatMap(({ parts }) => parts.map((part) => part.amount_cny))
        expect(plus('0.00', ...sums.parties.map((one) => one.amount))).toBe(plus('0.00', ...all))
        expect(hundredths(sums.price)).toBe(payouts.reduce((sum, one) => sum + hundredths(one.share_cny), 0n))
        for (const { party, amount: sum } of sums.parties) {
          expect(plus('0.00', ...payouts.map((one) => partOf(one, party)))).toBe(sum)
        }
      }),
    )
  })

  it('say a weight only where every ticket was split by it', () => {
    const one = (weight: number): Payout => ({
      ticket: 't',
      area_m2: '1.00',
      share_cny: '100.00',
      reclamation_cost_cny: '0.00',
      financing_cost_cny: '0.00',
      net_cny: '100.00',
      parts: [
        { party: 'collective', weight, amount_cny: '15.00' },
        { party: 'villager', weight: 85, amount_cny: '85.00' },
      ],
    })
    expect(sumPayouts([one(15), one(15)]).parties[0]!.weights).toEqual({ own: 15, all: 100 })
    expect(sumPayouts([one(15), one(20)]).parties[0]!.weights).toBeUndefined()
    expect(sumPayouts([]).parties).toEqual([])
  })
})

it('coefficients count from their first day to their last, once they are approved', () => {
  const made = (from: string, to: string, approved_by: string | null = 'm2') => ({ from, to, approved_by, valid_from: '2026-01-01', valid_to: '2026-06-30' })
  const all = [made('430000', '410000'), made('410000', '430000'), made('430000', '500000', null)]
  expect(coefficientsOn(all, '2025-12-31')).toEqual([])
  expect(coefficientsOn(all, '2026-01-01').map((one) => one.from)).toEqual(['410000', '430000'])
  expect(coefficientsOn(all, '2026-06-30')).toHaveLength(2)
  expect(coefficientsOn(all, '2026-07-01')).toEqual([])
})
