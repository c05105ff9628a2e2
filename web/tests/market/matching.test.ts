/** A proposed matching: what is drawn adds up to what is proposed, however little of it is drawn. */

import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'

import { matchKinds, matchLinks, matchSums, plus, toWire, typedPercent } from '../../src/market'
import { address } from '../../src/api/http'

const area = fc.bigInt({ min: 0n, max: 300n }).map(toWire)
const flow = fc.record({
  kind: fc.constantFrom('own_village', 'other_village', 'other_city', 'own_city'),
  from_county: fc.constantFrom('430923', '430981', '410122'),
  to: fc.constantFrom('430104', '410122', 'v1'),
  sent_m2: area,
  received_m2: area,
})
const sum = (values: string[]) => plus('0.00', ...values)

describe('a drawing', () => {
  test('adds up to all that arrives, with each pair of places once and the largest first', () => {
    fc.assert(
      fc.property(fc.array(flow, { maxLength: 12 }), fc.integer({ min: 1, max: 9 }), (flows, most) => {
        const links = matchLinks(flows, most)
        expect(sum(links.map(({ value }) => value))).toBe(sum(flows.map((one) => one.received_m2)))
        const drawn = links.filter(({ from }) => from !== undefined)
        expect(drawn.length).toBeLessThanOrEqual(most)
        expect(new Set(drawn.map(({ from, to }) => `${from}>${to}`)).size).toBe(drawn.length)
        const sizes = drawn.map(({ value }) => Number(value))
        expect(sizes).toEqual([...sizes].sort((a, b) => b - a))
      }),
    )
  })
})

it('adds up the four flows, and what is spared, wanted and stays', () => {
  const flows = [
    { kind: 'own_city', from_county: '430923', to: '430981', sent_m2: '1.00', received_m2: '1.00' },
    { kind: 'other_city', from_county: '430923', to: '410122', sent_m2: '3.00', received_m2: '2.00' },
    { kind: 'other_city', from_county: '430981', to: '410122', sent_m2: '0.01', received_m2: '0.00' },
  ]
  expect(matchKinds(flows).map(({ kind, sent, received }) => [kind, sent, received])).toEqual([
    ['own_village', '0.00', '0.00'],
    ['other_village', '0.00', '0.00'],
    ['other_city', '3.01', '2.00'],
    ['own_city', '1.00', '1.00'],
  ])
  expect(matchSums([{ spare_m2: '5.00', left_m2: '0.99' }], [{ wanted_m2: '4.00', open_m2: '1.00' }])).toEqual({
    spare: '5.00',
    left: '0.99',
    wanted: '4.00',
    open: '1.00',
  })
})

it('reads a whole percentage and nothing else', () => {
  expect([' 20 ', '２０％', '0', '100', '101', '1.5', '', '-1'].map(typedPercent)).toEqual([20, 20, 0, 100, undefined, undefined, undefined, undefined])
})

it('is asked for with a parameter for each province', () => {
  expect(address('/v1/matching', { query: { province: ['410000', '430000'], need: [], retained_percent: 0 } })).toBe(
    '/v1/matching?province=410000&province=430000&retained_percent=0',
  )
})
