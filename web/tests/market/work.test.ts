/** A desk shows first what its role can do now; nothing is lost on the way. */

import fc from 'fast-check'
import { expect, it } from 'vitest'

import { desk, tasksOf, votesNeeded, type Matter } from '../../src/market'

const NOW = Date.parse('2026-05-01T00:00:00Z')
const day = fc.integer({ min: -3, max: 3 }).map((n) => new Date(NOW + n * 86_400_000).toISOString())
const matter: fc.Arbitrary<Matter> = fc.record({
  application: fc.record({
    id: fc.uuid(),
    state: fc.constantFrom('applied', 'revoked', 'rejected', 'noticed', 'determined', 'approved', 'accepted'),
    applied_at: day,
    cooling_off_ends_at: day,
    notice_ends_at: fc.option(day),
    city: fc.constantFrom(null, '430104'),
    hold: fc.constantFrom(null, 's1'),
  }),
  openObjections: fc.constantFrom(null, 0, 1, 2),
  ticket: fc.constantFrom(undefined, null, 'issued', 'handed_in', 'settled'),
  since: fc.option(day),
})
const role = fc.constantFrom('collective', 'township', 'county_clerk', 'county_approver', 'city', 'operator', 'supervisor')

function made(state: string, rest: Partial<Matter> & { city?: string | null; hold?: string | null } = {}): Matter {
  const { city = null, hold = null, ...others } = rest
  const application = {
    id: 'a1',
    state,
    applied_at: '2026-03-01T00:00:00Z',
    cooling_off_ends_at: '2026-04-01T00:00:00Z',
    notice_ends_at: state === 'applied' ? null : '2026-04-20T00:00:00Z',
    city,
    hold,
  }
  return { application, openObjections: 0, ticket: null, since: null, ...others }
}

it('keeps every matter once, and those that the role can do now in front', () => {
  fc.assert(
    fc.property(fc.array(matter, { maxLength: 12 }), role, (matters, who) => {
      const filed = desk(matters, who, NOW)
      expect(filed.map((one) => one.matter.application.id).sort()).toEqual(matters.map((one) => one.application.id).sort())
      const firstOther = filed.findIndex(({ shelf }) => shelf !== 'mine')
      if (firstOther >= 0) expect(filed.slice(firstOther).every(({ shelf }) => shelf !== 'mine')).toBe(true)
      for (const { task, shelf } of filed) {
        if (shelf === 'mine') expect(task?.ready).toBe(true)
        if (shelf === 'over') expect(task).toBeUndefined()
      }
    }),
  )
})

it('on each shelf those that are held come first', () => {
  fc.assert(
    fc.property(fc.array(matter, { maxLength: 12 }), role, (matters, who) => {
      const filed = desk(matters, who, NOW)
      for (const key of ['mine', 'later', 'others', 'over']) {
        const held = filed.filter(({ shelf }) => shelf === key).map((one) => one.matter.application.hold !== null)
        expect(held).toEqual([...held].sort((a, b) => Number(b) - Number(a)))
      }
    }),
  )
})

it('a supervisor has no work of its own', () => {
  fc.assert(
    fc.property(fc.array(matter, { maxLength: 6 }), (matters) => {
      expect(desk(matters, 'supervisor', NOW).every(({ shelf }) => shelf === 'others' || shelf === 'over')).toBe(true)
    }),
  )
})

it.each([
  [made('applied'), ['village_review']],
  [made('noticed'), ['determination']],
  [made('noticed', { openObjections: 1 }), ['ruling', 'determination']],
  [made('determined'), ['county_approval']],
  [made('approved'), ['acceptance', 'city_approval']],
  [made('approved', { city: '430104' }), ['acceptance']],
  [made('accepted'), ['issue', 'city_approval']],
  [made('accepted', { city: '430104', ticket: 'issued' }), ['hand_in']],
  [made('accepted', { ticket: 'issued' }), ['city_approval']],
  [made('accepted', { city: '430104', ticket: 'handed_in' }), []],
  [made('accepted', { ticket: undefined }), []],
  [made('rejected'), []],
  [made('applied', { hold: 's1' }), ['hearing']],
  [made('noticed', { hold: 's1', openObjections: 1 }), ['hearing', 'ruling']],
  [made('accepted', { hold: 's1', city: '430104', ticket: 'handed_in' }), ['hearing']],
])('names what an application waits for (%#)', (one, keys) => {
  expect(tasksOf(one, NOW).map(({ key }) => key)).toEqual(keys)
})

it('no determination before the notice is over and every objection ruled on', () => {
  const before = Date.parse('2026-04-19T23:59:59Z')
  expect(tasksOf(made('noticed'), before)[0]!.ready).toBe(false)
  expect(tasksOf(made('noticed'), NOW)[0]!.ready).toBe(true)
  expect(tasksOf(made('noticed', { openObjections: 1 }), NOW)[1]!.ready).toBe(false)
})

it('two thirds of all members, as the node counts them', () => {
  fc.assert(
    fc.property(fc.nat({ max: 500 }), fc.nat({ max: 500 }), (votes, members) => {
      expect(votes >= votesNeeded(members)).toBe(votes * 3 >= members * 2)
    }),
  )
})
