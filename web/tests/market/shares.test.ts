/** Shared to the fen: nothing lost, nothing made, nobody more than a fen away from the exact share. */

import fc from 'fast-check'
import { expect, it } from 'vitest'

import { compare, costFloor, hundredths, largestRemainder, minus, plus, projected, waterfall } from '../../src/market'
import { amount, positive, signed } from './arbitraries'

const weights = fc
  .array(fc.bigInt({ min: 0n, max: 9n }), { minLength: 1, maxLength: 6 })
  .filter((all) => all.some((weight) => weight > 0n))

it('shares the whole, each within one unit of the exact share', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 100n }), weights, (total, all) => {
      const sum = all.reduce((a, b) => a + b, 0n)
      const parts = largestRemainder(total, all, all.map((_, i) => i))
      expect(parts.reduce((a, b) => a + b, 0n)).toBe(total)
      for (const [i, part] of parts.entries()) {
        const off = part * sum - total * all[i]!
        expect(off > -sum && off < sum).toBe(true)
      }
    }),
  )
})

it('breaks ties in the order it is given', () => {
  expect(largestRemainder(1n, [1n, 1n], [0, 1])).toEqual([1n, 0n])
  expect(largestRemainder(1n, [1n, 1n], [0, -1])).toEqual([0n, 1n])
  expect(() => largestRemainder(1n, [0n], [0])).toThrow()
})

it('projects what the node would pay: shares by area, costs first, then the split', () => {
  const tickets = [
    { id: 't2', area: '100.00', costs: '10.00' },
    { id: 't1', area: '200.00', costs: '900.00' },
  ]
  const split = [
    ['collective', 15],
    ['villager', 85],
  ] as const
  const [first, second] = projected('1000.00', tickets, split)
  expect(first).toMatchObject({ id: 't1', share: '666.67', net: '-233.33', parties: [] })
  expect(second).toMatchObject({ id: 't2', share: '333.33', net: '323.33' })
  expect(second!.parties).toEqual([
    { party: 'collective', amount: '48.50' },
    { party: 'villager', amount: '274.83' },
  ])
  expect(costFloor(tickets)).toBe('910.00')
})

it('pays out exactly the price', () => {
  const ticket = fc.record({ area: positive, costs: amount })
  fc.assert(
    fc.property(amount, fc.array(ticket, { minLength: 1, maxLength: 5 }), (price, some) => {
      const tickets = some.map((one, i) => ({ id: `t${i}`, ...one }))
      const all = projected(price, tickets, [['county', 3], ['villager', 7]])
      expect(plus(...all.map(({ share }) => share))).toBe(price)
      for (const [i, { share, net, parties }] of all.entries()) {
        expect(net).toBe(minus(share, tickets[i]!.costs))
        if (parties.length) expect(plus(...parties.map((one) => one.amount))).toBe(net)
        else expect(hundredths(net) < 0n).toBe(true)
      }
    }),
  )
})

it('draws an explanation so that each bar begins where the last one ended', () => {
  fc.assert(
    fc.property(fc.array(signed.map((one) => ({ amount: one }))), (lines) => {
      const { bars, total, zero, end } = waterfall(lines)
      expect(total).toBe(plus(...lines.map((line) => line.amount)))
      let before = '0.00'
      for (const bar of bars) {
        expect(bar.from).toBe(before)
        expect(minus(bar.to, bar.from)).toBe(bar.amount)
        expect(bar.falls).toBe(compare(bar.amount, '0.00') < 0)
        expect(bar.left).toBeGreaterThanOrEqual(0)
        expect(bar.width).toBeGreaterThanOrEqual(0)
        expect(bar.left + bar.width).toBeLessThanOrEqual(10_000)
        before = bar.to
      }
      expect(zero).toBeGreaterThanOrEqual(0)
      expect(end).toBeLessThanOrEqual(10_000)
    }),
  )
})
