import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { isLate, KIND_OF_USE, redemptionSteps, uses, type RedemptionFacts } from '../../src/market'

const ASKED = '2031-03-21T09:00:00+08:00'
const DUE = '2031-03-28T09:00:00+08:00'
const open: RedemptionFacts = { state: 'open', asked_at: ASKED, due_at: DUE, decided_at: null }
const at = (text: string) => Date.parse(text)

describe('a request to redeem', () => {
  it('is asked for by a kind of its own for every use', () => {
    const keys = uses(undefined, false, 0).map(({ key }) => key)
    expect(new Set(keys.map((key) => KIND_OF_USE[key])).size).toBe(keys.length)
  })

  it('is late after its due time and never before, and once it is decided no more', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e9, max: 1e9 }), fc.constantFrom('open', 'approved', 'refused', 'withdrawn'), (off, state) => {
        const late = isLate({ ...open, state, decided_at: state === 'open' ? null : DUE }, at(DUE) + off)
        expect(late).toBe(state === 'open' && off > 0)
      }),
    )
  })

  it('shows who has to act by when while it is open', () => {
    const waiting = redemptionSteps(open, at(ASKED))
    expect(waiting.map(({ key, state }) => [key, state])).toEqual([
      ['asked', 'done'],
      ['deciding', 'now'],
      ['to-be-done', 'todo'],
    ])
    expect(waiting[1]!.due).toBe(DUE)
    expect(redemptionSteps(open, at(DUE) + 1)[1]!.state).toBe('late')
  })

  it('ends with what was decided', () => {
    for (const state of ['approved', 'refused', 'withdrawn'] as const) {
      const steps = redemptionSteps({ ...open, state, decided_at: DUE }, at(DUE))
      expect(steps.map(({ key, state: is, at: when }) => [key, is, when])).toEqual([
        ['asked', 'done', ASKED],
        [state, 'done', DUE],
      ])
    }
  })
})
