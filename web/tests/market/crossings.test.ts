/** Transfers between nodes: whose turn it is in each part, and how far it is. */

import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'

import { agreesWith, converted, crossingActs, crossingId, crossingShelf, crossingSteps, ownNumber, sameRate, toWire, type CrossingPart } from '../../src/market'

const ROUTE = { home: '500000', to: '330000', cancelling: false }
const part = (role: CrossingPart['role'], state: string, more: Partial<CrossingPart> = {}): CrossingPart => ({ ...ROUTE, role, state, ...more })
const PARTS: Record<CrossingPart['role'], string[]> = {
  giver: ['locked', 'debited', 'released'],
  ministry: ['offered', 'accepted', 'committed', 'aborted', 'done'],
  receiver: ['offered', 'accepted', 'rejected', 'credited', 'closed'],
}
const ALL = Object.entries(PARTS).flatMap(([role, states]) => states.map((state) => part(role as CrossingPart['role'], state)))

describe('what somebody may do', () => {
  test.each([
    ['giver', 'locked', 'province', '500000', ['cancel']],
    ['giver', 'locked', 'operator', '500000', ['cancel']],
    ['receiver', 'offered', 'province', '330000', ['accept', 'decline']],
    ['receiver', 'accepted', 'operator', '330000', ['decline']],
    ['receiver', 'rejected', 'province', '330000', []],
    ['ministry', 'offered', 'ministry', '000000', ['refuse']],
    ['ministry', 'accepted', 'ministry', '000000', ['approve', 'refuse']],
    ['ministry', 'committed', 'ministry', '000000', []],
  ] as const)('with the part of the %s that is %s, as %s of %s: %s', (role, state, who, party, acts) => {
    expect(crossingActs(part(role, state), who, party)).toEqual(acts)
  })

  it('is asked for by the giver once', () => {
    expect(crossingActs(part('giver', 'locked', { cancelling: true }), 'province', '500000')).toEqual([])
  })

  it('is nothing for another province, for another part, or for who only looks', () => {
    for (const one of ALL) {
      for (const [who, party] of [
        ['province', '410000'],
        ['supervisor', '000000'],
        ['exchange', '330000'],
        ['operator', '000000'],
      ] as const)
        expect(crossingActs(one, who, party)).toEqual([])
      expect(crossingActs(one, 'province', one.role === 'giver' ? ROUTE.to : ROUTE.home)).toEqual([])
    }
  })
})

describe('the shelf', () => {
  it('is mine where an answer or an approval is waited for, and not where it could be ended only', () => {
    expect(crossingShelf(part('receiver', 'offered'), 'province', '330000')).toBe('mine')
    expect(crossingShelf(part('ministry', 'accepted'), 'ministry', '000000')).toBe('mine')
    expect(crossingShelf(part('ministry', 'offered'), 'ministry', '000000')).toBe('others')
    expect(crossingShelf(part('giver', 'locked'), 'province', '500000')).toBe('others')
    expect(crossingShelf(part('receiver', 'offered'), 'supervisor', '000000')).toBe('others')
  })

  it('is done exactly where nothing follows', () => {
    const done = ALL.filter((one) => crossingShelf(one, 'supervisor', '000000') === 'done')
    expect(done.map(({ state }) => state)).toEqual(['debited', 'released', 'aborted', 'done', 'credited', 'closed'])
  })
})

describe('the progress', () => {
  it('marks one step at the most as the present one, and all before it as done', () => {
    for (const one of [...ALL, part('giver', 'locked', { cancelling: true })]) {
      const marks = crossingSteps(one).map(({ state }) => state)
      expect(marks.join(' ')).toMatch(/^done( done)*( now| late)?( todo)*$/)
    }
  })

  it('tells what this part knows', () => {
    expect(crossingSteps(part('giver', 'locked'))[1]).toEqual({ key: 'accepted', state: 'now' })
    expect(crossingSteps(part('receiver', 'accepted'))[2]).toEqual({ key: 'decided', state: 'now' })
    expect(crossingSteps(part('ministry', 'committed'))[3]).toEqual({ key: 'booked', state: 'now' })
    expect(crossingSteps(part('receiver', 'rejected')).map(({ key }) => key)).toEqual(['proposed', 'declined', 'decided'])
    expect(crossingSteps(part('giver', 'locked', { cancelling: true })).map(({ key }) => key)).toEqual(['proposed', 'recalled', 'decided'])
    expect(crossingSteps(part('giver', 'released')).at(-1)).toEqual({ key: 'ended', state: 'late' })
    expect(crossingSteps(part('ministry', 'done')).every(({ state }) => state === 'done')).toBe(true)
  })
})

test('a proposal agrees with the area that the fraction gives, and with no other', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 1n, max: 400n }), fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }), fc.bigInt({ min: -2n, max: 2n }), (area, out, into, off) => {
      const right = converted(toWire(area), out, into)
      const stated = toWire(BigInt(right.replace('.', '')) + off)
      expect(agreesWith({ sent_m2: toWire(area), received_m2: stated, yield_out: out, yield_in: into })).toBe(off === 0n)
    }),
  )
})

test('a rate is the same one only if its document is', () => {
  const rate = { yield_out: 500, yield_in: 750, document: '自然资函〔2026〕3号' }
  expect(sameRate(rate, { ...rate })).toBe(true)
  expect(sameRate(rate, { ...rate, document: '自然资函〔2026〕4号' })).toBe(false)
  expect(sameRate(rate, { ...rate, yield_in: 751 })).toBe(false)
})

test('a crossing has its giver’s number behind the code of its province', () => {
  expect(crossingId({ id: 'x-1', home: '500000' })).toBe('500000-x-1')
  expect(ownNumber({ id: '500000-x-1', home: '500000' })).toBe('x-1')
})
