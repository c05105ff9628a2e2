/** The payment clock: which step, who holds it, since when, by when. */

import fc from 'fast-check'
import { expect, it, test } from 'vitest'

import { paymentClock, type PaymentFacts } from '../../src/market'

const at = (text: string) => Date.parse(text)
const APPLIED = {
  state: 'applied',
  applied_at: '2026-01-01T09:00:00+08:00',
  cooling_off_ends_at: '2026-01-31T09:00:00+08:00',
  notice_ends_at: null,
}
const TICKET = { issued_at: '2026-03-01T09:00:00+08:00' }
const LOT = {
  state: 'sold',
  opens_at: '2026-04-01T09:00:00+08:00',
  closes_at: '2026-04-02T09:00:00+08:00',
  payment_due_at: '2026-06-01T09:00:00+08:00',
}
const now = at('2026-01-11T10:00:00+08:00')

test.each<[string, PaymentFacts, string, string]>([
  ['the days to think it over', { application: APPLIED }, 'cooling_off', 'villager'],
  ['the public notice', { application: { ...APPLIED, state: 'noticed', notice_ends_at: '2026-02-20T09:00:00+08:00' } }, 'notice', 'township'],
  ['the township after the notice', { application: { ...APPLIED, state: 'noticed', notice_ends_at: '2026-01-02T09:00:00+08:00' } }, 'determination', 'township'],
  ['the county', { application: { ...APPLIED, state: 'determined' } }, 'county_approval', 'county_approver'],
  ['the reclamation', { application: { ...APPLIED, state: 'approved' } }, 'reclamation', 'county_clerk'],
  ['the issue', { application: { ...APPLIED, state: 'accepted' } }, 'issue', 'county_clerk'],
  ['the household, to hand in', { ticket: { ...TICKET, state: 'issued' } }, 'hand_in', 'villager'],
  ['the exchange, to list', { ticket: { ...TICKET, state: 'handed_in' } }, 'listing', 'exchange'],
  ['the auction', { ticket: { ...TICKET, state: 'listed' }, lot: { ...LOT, state: 'open' } }, 'auction', 'exchange'],
  ['the winner’s payment', { ticket: { ...TICKET, state: 'sold' }, lot: LOT }, 'payment', 'bidder'],
])('waits for %s', (_, facts, key, holder) => {
  const clock = paymentClock(facts, now)
  expect(clock.now).toMatchObject({ key, holder })
  expect(clock.ended).toBeNull()
})

it('goes over to the village when the cooling-off is over', () => {
  const clock = paymentClock({ application: APPLIED }, at(APPLIED.cooling_off_ends_at))
  expect(clock.now).toMatchObject({ key: 'village_review', since: APPLIED.cooling_off_ends_at, due: null })
})

it('says how long it has been held and how long it may still take', () => {
  const clock = paymentClock({ application: APPLIED }, now)
  expect([clock.held, clock.left]).toEqual([10, 20])
})

it('says that a payment is overdue, and by how many days', () => {
  const clock = paymentClock({ ticket: { ...TICKET, state: 'sold' }, lot: LOT }, at('2026-06-03T10:00:00+08:00'))
  expect(clock.now?.state).toBe('late')
  expect(clock.left).toBe(-2)
})

it('stands still while a hold stands, with nobody late, and says who hears it', () => {
  const hold = { placed_at: '2026-05-01T09:00:00+08:00' }
  const held = paymentClock({ application: { ...APPLIED, state: 'determined' }, hold }, now)
  expect(held.stopped).toEqual({ since: hold.placed_at, hearer: 'county_approver' })
  expect(held.now).toMatchObject({ key: 'county_approval', state: 'now' })
  const notice = { ...APPLIED, state: 'noticed', notice_ends_at: '2026-01-20T09:00:00+08:00' }
  expect(paymentClock({ application: notice, hold }, now)).toMatchObject({ left: null, now: { state: 'now' } })
  expect(paymentClock({ application: APPLIED }, now).stopped).toBeNull()
})

it('has every step done when the ticket is settled', () => {
  const clock = paymentClock({ ticket: { ...TICKET, state: 'settled' } }, now)
  expect(clock.now).toBeUndefined()
  expect(clock.steps.every(({ state }) => state === 'done')).toBe(true)
})

test.each(['revoked', 'rejected'] as const)('waits for nothing when the application was %s', (state) => {
  const clock = paymentClock({ application: { ...APPLIED, state } }, now)
  expect([clock.now, clock.ended]).toEqual([undefined, state])
})

it('takes the beginning of a step from who knows it', () => {
  const entered = { listing: '2026-01-10T09:00:00+08:00' }
  expect(paymentClock({ ticket: { ...TICKET, state: 'handed_in' }, entered }, now).held).toBe(1)
  expect(paymentClock({ ticket: { ...TICKET, state: 'handed_in' } }, now).held).toBeNull()
})

it('always has done steps before the present one and open ones after it', () => {
  const state = fc.constantFrom('issued', 'handed_in', 'listed', 'sold', 'settled', 'locked')
  fc.assert(
    fc.property(state, fc.integer({ min: 0, max: 3e12 }), (one, when) => {
      const order = paymentClock({ ticket: { ...TICKET, state: one }, lot: LOT }, when)
        .steps.map((step) => ({ done: 'd', now: 'n', late: 'n', todo: 't' })[step.state])
        .join('')
      return /^d*n?t*$/.test(order)
    }),
  )
})
