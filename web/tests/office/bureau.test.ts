/** What a dossier's page reads from the API's answers. */

import { expect, it } from 'vitest'

import { clockOf, matterOf, openOf, type Whole } from '../../src/pages/office/bureau/facts'
import { percentOf } from '../../src/pages/office/bureau/part'
import { isId, isRegion, whole } from '../../src/pages/office/bureau/steps/ids'
import { en, zh } from '../../src/pages/office/bureau/texts'
import * as exchange from '../../src/pages/office/exchange/texts'
import * as fund from '../../src/pages/office/fund/texts'
import * as steps from '../../src/pages/office/bureau/steps/texts'

const NOW = Date.parse('2026-05-01T00:00:00Z')

function dossier(): Whole {
  const application = {
    id: 'a1',
    state: 'noticed',
    applied_at: '2026-03-01T00:00:00Z',
    cooling_off_ends_at: '2026-04-01T00:00:00Z',
    notice_ends_at: '2026-05-08T00:00:00Z',
    city: null,
    hold: null,
  }
  const objections = [
    { id: 'o1', raised_at: '2026-04-30T00:00:00Z', upheld: null, ruled_at: null },
    { id: 'o2', raised_at: '2026-04-30T00:00:00Z', upheld: false, ruled_at: '2026-04-30T08:00:00Z' },
  ]
  const events = [{ kind: 'application.reviewed', subject: 'a1', at: '2026-04-29T00:00:00Z', entry: 1 }]
  return { application, dossier: { objections, holds: [], events }, ticket: null, lot: null, payout: null, policy: null, collective: null } as unknown as Whole
}

it('counts only objections that wait for a ruling', () => {
  expect(openOf(dossier().dossier!)).toBe(1)
  expect(matterOf(dossier())).toMatchObject({ openObjections: 1, ticket: null })
})

it('without the dossier nothing is claimed about objections and tickets', () => {
  expect(matterOf({ ...dossier(), dossier: null })).toMatchObject({ openObjections: null, ticket: undefined })
})

it('knows since when a stage lasts and when it ends', () => {
  const clock = clockOf(dossier(), NOW)
  expect(clock.now).toMatchObject({ key: 'notice', since: '2026-04-29T00:00:00Z', due: '2026-05-08T00:00:00Z' })
  expect([clock.held, clock.left]).toEqual([2, 7])
})

it('takes numbers of offices as the API does', () => {
  expect(['a1', 'P-x.9_2'].every(isId)).toBe(true)
  expect(['', '-a', 'a b', '户', 'x'.repeat(65)].some(isId)).toBe(false)
  expect([isRegion('430104'), isRegion('043010'), isRegion('43010')]).toEqual([true, false, false])
  expect(['7', '０', '１2'].map(whole)).toEqual([7, 0, 12])
  expect(['', '-1', '1.5', '01', 'x'].map(whole)).toEqual([undefined, undefined, undefined, undefined, undefined])
})

it('weights are shown as percent of all weights', () => {
  const parts = [{ weight: 15 }, { weight: 85 }]
  expect(parts.map((part) => percentOf(part, parts))).toEqual(['15.00', '85.00'])
})

it('every text stands in both languages', () => {
  const keys = (part: unknown): unknown => (part !== null && typeof part === 'object' ? Object.entries(part).map(([key, value]) => [key, keys(value)]) : 0)
  for (const texts of [{ en, zh }, exchange, fund, steps]) expect(keys(texts.en)).toEqual(keys(texts.zh))
})
