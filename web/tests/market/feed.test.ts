/** Every event in order, once, whatever the network does to them. */

import fc from 'fast-check'
import { expect, it } from 'vitest'

import { beginFeed, health, maySayLeading, missing, takeBeat, takeEvents, type Numbered } from '../../src/market'

const BEAT = 5000

it('delivers every event in order and once, however they come', () => {
  // Batches with repetitions in any order; then the server repeats what is missing until nothing is.
  const batches = fc.integer({ min: 0, max: 12 }).chain((count) =>
    fc.tuple(fc.constant(count), fc.array(fc.array(fc.integer({ min: 1, max: Math.max(count, 1) })), { maxLength: 8 })),
  )
  fc.assert(
    fc.property(batches, ([count, arrivals]) => {
      let feed = beginFeed<Numbered>(0, 0)
      const shown: number[] = []
      const take = (numbers: number[]) => {
        const step = takeEvents(feed, numbers.filter((seq) => seq <= count).map((seq) => ({ seq })), 1)
        feed = step.feed
        shown.push(...step.deliver.map(({ seq }) => seq))
      }
      arrivals.forEach(take)
      feed = takeBeat(feed, count, 2)
      for (let gap = missing(feed); gap; gap = missing(feed)) {
        const { from, to } = gap
        expect(from).toBeLessThanOrEqual(to)
        take(Array.from({ length: to - from + 1 }, (_, i) => from + i))
      }
      expect(shown).toEqual(Array.from({ length: count }, (_, i) => i + 1))
    }),
  )
})

it('notices that the last event was lost, by the next heartbeat', () => {
  const feed = takeBeat(beginFeed(7, 0), 8, 1000)
  expect(missing(feed)).toEqual({ from: 8, to: 8 })
  expect(health(feed, 1000, BEAT)).toBe('behind')
})

it('asks only for the gap, and not for what came early', () => {
  const { feed, deliver } = takeEvents(beginFeed(1, 0), [{ seq: 5 }, { seq: 4 }], 0)
  expect(deliver).toEqual([])
  expect(missing(feed)).toEqual({ from: 2, to: 3 })
})

it('is stale after two missed heartbeats, and then nobody is told to lead', () => {
  const feed = beginFeed(3, 0)
  expect(health(feed, 2 * BEAT, BEAT)).toBe('live')
  expect(health(feed, 2 * BEAT + 1, BEAT)).toBe('stale')
  expect(maySayLeading('live')).toBe(true)
  expect(maySayLeading('stale') || maySayLeading('behind')).toBe(false)
})
