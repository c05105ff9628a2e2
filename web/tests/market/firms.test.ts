/** Two-person bids: what one person may not do alone, as the server holds to it. */

import fc from 'fast-check'
import { expect, test } from 'vitest'

import { compare, limitChange, needsSecond, toWire } from '@/market'

const money = fc.integer({ min: 0, max: 6 }).map((n) => toWire(BigInt(n)))
const limit = fc.option(money)

test('above the limit it takes two, and so does what nobody can read', () => {
  fc.assert(
    fc.property(limit, fc.option(money), (most, price) => {
      const wanted = most !== null && (price === null || compare(price, most) > 0)
      expect(needsSecond(most, price)).toBe(wanted)
    }),
  )
})

test('what one person changes alone never lets one person do more', () => {
  fc.assert(
    fc.property(limit, limit, fc.option(money), (before, wanted, price) => {
      const change = limitChange(before, wanted)
      expect(change === 'same').toBe(before === wanted)
      if (change === 'alone' && needsSecond(before, price)) expect(needsSecond(wanted, price)).toBe(true)
      if (change === 'two') expect(before === null || wanted === null || compare(wanted, before) > 0).toBe(true)
    }),
  )
})
