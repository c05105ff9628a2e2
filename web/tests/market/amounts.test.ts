/** Decimal strings in, decimal strings out, and nothing lost in between. */

import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'

import {
  compare,
  converted,
  floor,
  groupedSigned,
  halfUp,
  hundredths,
  isWholeMu,
  minus,
  mu,
  percent,
  perMu,
  plus,
  timesArea,
  toWire,
  typedArea,
  wan,
} from '../../src/market'
import { amount, positive, signed } from './arbitraries'

it('reads back what it writes', () => {
  fc.assert(fc.property(fc.bigInt(), (value) => hundredths(toWire(value)) === value))
})

test.each(['1', '1.0', '01.00', '1.000', '+1.00', '', ' 1.00', '1.00\n', '1e2'])('“%s” is not of the wire', (text) =>
  expect(() => hundredths(text)).toThrow(),
)

it('takes away what it added', () => {
  fc.assert(fc.property(signed, signed, (a, b) => minus(plus(a, b), b) === a))
})

it('orders amounts as it orders their difference', () => {
  fc.assert(fc.property(signed, signed, (a, b) => Math.sign(compare(a, b)) === Math.sign(Number(minus(a, b)))))
})

test.each([
  ['-1234567.80', '−1,234,567.80'],
  ['0.00', '0.00'],
  ['100.00', '100.00'],
])('groups %s as %s', (wire, text) => expect(groupedSigned(wire)).toBe(text))

test.each([
  ['66000000.00', '6,600'],
  ['12345678.90', '1,234.56789'],
  ['0.01', '0.000001'],
  ['-50000.00', '−5'],
  ['0.00', '0'],
])('%s is %s 万元', (wire, text) => expect(wan(wire)).toBe(text))

it('loses nothing when it counts in 万元', () => {
  fc.assert(
    fc.property(amount, (wire) => {
      const [whole = '', rest = ''] = wan(wire).replace(/,/g, '').split('.')
      return BigInt(whole) * 1_000_000n + BigInt(rest.padEnd(6, '0')) === hundredths(wire)
    }),
  )
})

describe('mu', () => {
  it('counts 15 to the hectare', () => {
    expect(mu('10000.00')).toBe('15.0000')
    expect(mu('666.67')).toBe('1.0000')
    expect(isWholeMu('666.67')).toBe(false)
    expect(mu('180.00')).toBe('0.2700')
    expect(isWholeMu('180.00')).toBe(true)
    expect(mu('346292.66')).toBe('519.4390')
  })

  it('is off by half of its last place at the most', () => {
    fc.assert(
      fc.property(amount, (area) => {
        const shown = BigInt(mu(area).replace(/[,.]/g, ''))
        const off = shown * 20n - hundredths(area) * 3n
        return -10n < off && off <= 10n
      }),
    )
  })

  it('prices a mu and says so when there is no land', () => {
    expect(perMu('66000.00', '666.67')).toBe('65999.67')
    expect(perMu('150000.00', '10000.00')).toBe('10000.00')
    expect(perMu('1.00', '0.00')).toBeUndefined()
  })
})

it('rounds halves away from zero, and floors downward, on both sides of zero', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -200n, max: 200n }), fc.bigInt({ min: 1n, max: 20n }), (a, b) => {
      expect(floor(a, b)).toBe(BigInt(Math.floor(Number(a) / Number(b))))
      const rounded = Math.sign(Number(a)) * Math.floor(Math.abs(Number(a)) / Number(b) + 0.5)
      expect(halfUp(a, b)).toBe(BigInt(rounded))
    }),
  )
})

it('converts between provinces by the whole fraction, downward', () => {
  expect(converted('100.00', 2, 3)).toBe('66.66')
  fc.assert(
    fc.property(amount, fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 30 }), (area, out, into) => {
      const there = converted(area, out, into)
      // A round trip never gains.
      return compare(converted(there, into, out), area) <= 0
    }),
  )
})

it('multiplies a rate by an area as rents are, halves up', () => {
  expect(timesArea('5.50', '60.00')).toBe('330.00')
  expect(timesArea('0.01', '0.50')).toBe('0.01')
  expect(timesArea('0.01', '0.49')).toBe('0.00')
})

it('says percent to two places, toward zero', () => {
  expect(percent('1.00', '3.00')).toBe('33.33')
  expect(percent('-1.00', '3.00')).toBe('−33.33')
  expect(percent('1.00', '0.00')).toBeUndefined()
  fc.assert(fc.property(positive, (whole) => percent(whole, whole) === '100.00'))
})

test.each([
  ['180', '180.00'],
  ['1,180.5 ㎡', '1180.50'],
  ['180平方米', '180.00'],
  ['１８０．２５', '180.25'],
])('reads “%s” as %s m²', (typed, area) => expect(typedArea(typed)).toBe(area))

test.each(['', '-1', '1.234', '3亩', '一百'])('“%s” is no area in m²', (typed) => expect(typedArea(typed)).toBeUndefined())
