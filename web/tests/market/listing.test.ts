/** A listing's form says every fault before the node does; money that is due is not overlooked. */

import fc from 'fast-check'
import { expect, it } from 'vitest'

import { earliestOpening, fromBeijing, hundredths, listingFaults, outstanding, payments, pooled, safeOpening, subsidy, toBeijing, type ListingDraft } from '../../src/market'
import { amount } from './arbitraries'

const NOW = Date.parse('2026-05-01T00:00:00Z')
const RULES = { noticeDays: 20, sealedTie: 'earlier' }
const TICKETS = [{ id: 't1', area: '100.00', costs: '50.00' }]
const GOOD: ListingDraft = {
  mode: 'ascending',
  start: '60.00',
  reserve: undefined,
  increment: '1.00',
  deposit: '0.00',
  opens: '2026-05-21T08:00:00+08:00',
  closes: '2026-05-22T08:00:00+08:00',
  drawSeed: '',
  custody: null,
  threshold: 2,
  openingDays: 3,
}
const KEY = `${'A'.repeat(43)}=`
const SEALED: ListingDraft = { ...GOOD, mode: 'sealed', increment: undefined, threshold: 1, custody: [{ custodian: 'c1', key: KEY }] }
const faults = (draft: ListingDraft, tickets = TICKETS, rules = RULES) => listingFaults(draft, tickets, rules, NOW)

it('finds nothing against good terms', () => {
  expect(faults(GOOD)).toEqual([])
  expect(faults(SEALED)).toEqual([])
  expect(faults({ ...SEALED, custody: null })).toEqual([])
})

it.each([
  [{ start: undefined }, ['start-missing']],
  [{ start: '49.99' }, ['start-below-costs']],
  [{ reserve: '59.99' }, ['reserve-below-start']],
  [{ increment: '0.00' }, ['increment-missing']],
  [{ deposit: undefined }, ['deposit-missing']],
  [{ opens: undefined }, ['opens-missing']],
  [{ opens: '2026-05-21T07:59:59+08:00' }, ['notice-too-short']],
  [{ closes: '2026-05-21T08:00:00+08:00' }, ['closes-before-opening']],
  [{ closes: undefined }, ['closes-missing']],
] as [Partial<ListingDraft>, string[]][])('names what is wrong (%#)', (change, names) => {
  expect(faults({ ...GOOD, ...change })).toEqual(names)
})

it('names what is wrong with custodians, and a missing seed for a draw', () => {
  const two = [
    { custodian: 'c1', key: KEY },
    { custodian: 'c1', key: 'short' },
  ]
  expect(faults({ ...SEALED, custody: two, threshold: 3, openingDays: 0 })).toEqual(['key-malformed', 'custodian-twice', 'threshold', 'opening-days'])
  expect(faults({ ...SEALED, custody: [] })).toEqual(['custodians-missing', 'threshold'])
  expect(faults(SEALED, TICKETS, { ...RULES, sealedTie: 'draw' })).toEqual(['seed-missing'])
  expect(faults(GOOD, [])).toEqual(['no-tickets'])
})

it('the clock of a form is that of Beijing, and nothing is lost on the way', () => {
  expect(fromBeijing('2026-05-21T08:00')).toBe('2026-05-21T08:00:00+08:00')
  expect(fromBeijing('2026-05-21')).toBeUndefined()
  expect(toBeijing('2026-05-21T00:00:01Z')).toBe('2026-05-21T08:01')
  fc.assert(
    fc.property(fc.integer({ min: NOW, max: NOW + 10 ** 10 }), (at) => {
      const read = Date.parse(fromBeijing(toBeijing(new Date(at).toISOString()))!)
      expect(read - at).toBeGreaterThanOrEqual(0)
      expect(read - at).toBeLessThan(60_000)
    }),
  )
  expect(Date.parse(earliestOpening(NOW, 20)) - NOW).toBe(20 * 86_400_000)
  expect(safeOpening(NOW, 20)).toBe('2026-05-21T01:00:00.000Z')
})

it('puts overdue payments first and leaves out what was never sold', () => {
  const lot = (id: string, state: string, due: string | null = null) => ({ id, state, price_cny: '10.00', payment_due_at: due })
  const found = payments(
    [lot('p', 'paid'), lot('x', 'open'), lot('d', 'sold', '2026-05-03T00:00:00Z'), lot('o', 'sold', '2026-04-29T00:00:00Z'), lot('f', 'defaulted')],
    NOW,
  )
  expect(found.map(({ lot: { id }, standing, left }) => [id, standing, left])).toEqual([
    ['o', 'overdue', -2],
    ['d', 'due', 2],
    ['f', 'defaulted', null],
    ['p', 'paid', null],
  ])
  expect(outstanding(found, 'overdue')).toBe('10.00')
})

it('pools a share of land income, never more than it, and subsidises by head or by area', () => {
  fc.assert(
    fc.property(amount, fc.constantFrom('0.00', '0.10', '0.33', '1.00'), (income, share) => {
      const part = hundredths(pooled(income, share))
      expect(part).toBeLessThanOrEqual(hundredths(income))
      expect(hundredths(income) * hundredths(share) - part * 100n).toBeLessThan(100n)
    }),
  )
  expect(subsidy('1000.00', { heads: 3 })).toBe('3000.00')
  expect(subsidy('2.01', { area: '0.50' })).toBe('1.01')
})
