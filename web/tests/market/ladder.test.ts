/** What may be bid, what it means, and what a bidder stands to pay. */

import fc from 'fast-check'
import { expect, it } from 'vitest'

import { compare, exposure, hundredths, judgeBid, ladder, permitted, plus, premium, stepsAbove, type Bidding, type Stake } from '../../src/market'
import { amount, positive } from './arbitraries'

const bidding: fc.Arbitrary<Bidding> = fc.record({
  start: positive,
  increment: positive,
  current: fc.oneof(fc.constant(null), positive),
  area: positive,
})

it('permits the start first, and then one increment more', () => {
  const lot = { start: '54000.00', increment: '1000.00', current: null, area: '180.00' }
  expect(permitted(lot)).toBe('54000.00')
  expect(permitted({ ...lot, current: '54000.00' })).toBe('55000.00')
})

it('finds a bid fit exactly when it is not below the permitted one', () => {
  fc.assert(
    fc.property(bidding, positive, fc.integer({ min: 0, max: 5 }), (lot, price, cap) => {
      const verdict = judgeBid(lot, price, cap)
      return (verdict === 'low') === compare(price, permitted(lot)) < 0
    }),
  )
})

it('warns above the step cap and not at it', () => {
  const lot = { start: '100.00', increment: '10.00', current: '100.00', area: '1.00' }
  expect(judgeBid(lot, '160.00', 5)).toBe('fits')
  expect(judgeBid(lot, '169.99', 5)).toBe('fits')
  expect(judgeBid(lot, '170.00', 5)).toBe('high')
  expect(judgeBid({ ...lot, leads: true }, '110.00', 5)).toBe('leading')
})

it('counts begun steps below, so that nothing too low seems to fit', () => {
  fc.assert(fc.property(bidding, positive, (lot, price) => stepsAbove(lot, price) >= 0n === compare(price, permitted(lot)) >= 0))
})

it('climbs from the permitted bid by whole increments', () => {
  fc.assert(
    fc.property(bidding, fc.integer({ min: 1, max: 6 }), (lot, count) => {
      const rungs = ladder(lot, count)
      expect(rungs.map(({ step }) => step)).toEqual(rungs.map((_, i) => i))
      expect(rungs[0]!.price).toBe(permitted(lot))
      for (const [i, rung] of rungs.slice(1).entries()) expect(rung.price).toBe(plus(rungs[i]!.price, lot.increment))
    }),
  )
})

it('says the premium over the start', () => {
  expect(premium('66000.00', '54000.00')).toBe('22.22')
  expect(premium('54000.00', '54000.00')).toBe('0.00')
})

const stake: fc.Arbitrary<Stake> = fc.record({
  own: fc.oneof(fc.constant(null), amount),
  maximum: fc.oneof(fc.constant(null), amount),
  deposit: amount,
  leads: fc.boolean(),
  open: fc.boolean(),
})

it('never says that more is due now than at the most', () => {
  fc.assert(
    fc.property(fc.array(stake), (stakes) => {
      const { now, most, deposits } = exposure(stakes)
      return compare(now, most) <= 0 && hundredths(deposits) === stakes.reduce((sum, { deposit }) => sum + hundredths(deposit), 0n)
    }),
  )
})

it('counts a lost lot with nothing but its deposit', () => {
  expect(exposure([{ own: '5.00', maximum: '9.00', deposit: '1.00', leads: false, open: false }])).toEqual({
    now: '0.00',
    most: '0.00',
    deposits: '1.00',
  })
  expect(exposure([{ own: '5.00', maximum: '9.00', deposit: '1.00', leads: true, open: true }]).most).toBe('9.00')
})
