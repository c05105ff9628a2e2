/** Bundles: no start price lets a ticket go below its costs, and none is higher than it must be. */

import fc from 'fast-check'
import { expect, it } from 'vitest'

import { bundleShares, bundleTotals, coversCosts, hundredths, isNegative, minus, plus, startFloor, sumByParty, type Split } from '../../src/market'
import { amount, positive } from './arbitraries'

const tickets = fc
  .array(fc.record({ area: positive, costs: amount, home: fc.constantFrom('430000', '410000') }), { minLength: 1, maxLength: 5 })
  .map((all) => all.map((one, i) => ({ ...one, id: `t${i}` })))
const splits = new Map<string, Split>([
  ['430000', [['collective', 15], ['villager', 85]]],
  ['410000', [['county', 1], ['villager', 2]]],
])

it('the floor is the least price that carries every ticket of a bundle', () => {
  fc.assert(
    fc.property(tickets, (bundle) => {
      const floor = startFloor(bundle)!
      expect(coversCosts(floor, bundle)).toBe(true)
      if (hundredths(floor) > 0n) expect(coversCosts(minus(floor, '0.01'), bundle)).toBe(false)
      expect(hundredths(floor)).toBeGreaterThanOrEqual(hundredths(bundleTotals(bundle).costs))
    }),
  )
})

it('from the floor on no ticket has a net below zero, and shares and parts add up', () => {
  fc.assert(
    fc.property(tickets, amount, (bundle, more) => {
      const price = plus(startFloor(bundle)!, more)
      const shares = bundleShares(price, bundle, splits)
      expect(shares.map(({ id }) => id)).toEqual(bundle.map(({ id }) => id))
      expect(plus(...shares.map(({ share }) => share))).toBe(price)
      for (const { net, parties } of shares) {
        expect(isNegative(net)).toBe(false)
        expect(plus(...parties.map((part) => part.amount))).toBe(net)
      }
      expect(plus(...sumByParty(shares).map((part) => part.amount))).toBe(plus(...shares.map(({ net }) => net)))
    }),
  )
})

it('splits each net by the rule of the province that the homestead lay in', () => {
  const bundle = [
    { id: 'a', area: '100.00', costs: '0.00', home: '430000' },
    { id: 'b', area: '100.00', costs: '0.00', home: '410000' },
  ]
  expect(bundleShares('60.00', bundle, splits).map(({ parties }) => parties.map((part) => part.amount))).toEqual([
    ['4.50', '25.50'],
    ['10.00', '20.00'],
  ])
})

it('no tickets have no floor', () => {
  expect(bundleTotals([])).toEqual({ count: 0, area: '0.00', costs: '0.00', floor: undefined })
})
