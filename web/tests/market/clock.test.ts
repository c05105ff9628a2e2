/** The server's time from round trips: the truth always lies within what is claimed. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { countdown, dayOf, daysBetween, daysSince, estimate, serverTime, type RoundTrip } from '../../src/market'

/** A server whose clock is `offset` ahead, asked over a network with these delays. */
const trip = (offset: number) =>
  fc
    .record({ sent: fc.nat(100_000), there: fc.nat(900), back: fc.nat(900) })
    .map(({ sent, there, back }): RoundTrip => ({ sent, received: sent + there + back, server: sent + there + offset }))

const trips = (offset: number) =>
  fc.array(trip(offset), { minLength: 1, maxLength: 8 }).map((all) => all.sort((a, b) => a.received - b.received))

it('never claims a bound that the truth is outside of', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -1e9, max: 1e12 }).chain((offset) => fc.tuple(fc.constant(offset), trips(offset))),
      fc.nat(600_000),
      ([offset, all], later) => {
        const known = estimate(all)!
        const { now, error } = serverTime(known, known.at + later)
        return Math.abs(now - (known.at + later + offset)) <= error + 1e-3
      },
    ),
  )
})

it('is never less sure for having asked once more', () => {
  fc.assert(
    fc.property(trips(5000), (all) => {
      const few = estimate(all.slice(1))
      return few === undefined || estimate(all)!.error <= few.error
    }),
  )
})

it('does not mind a device whose own clock is minutes wrong: it is never asked', () => {
  const known = estimate([{ sent: 10, received: 50, server: 1_000_030 }])!
  expect(serverTime(known, 50)).toEqual({ now: 1_000_050, error: 20 })
})

it('believes the newest answer when the server’s clock was set', () => {
  const known = estimate([
    { sent: 0, received: 20, server: 5_000 },
    { sent: 1000, received: 1020, server: 3_606_010 },
  ])!
  expect(serverTime(known, 1020).now).toBeCloseTo(3_606_020)
  expect(estimate([])).toBeUndefined()
})

it('grows less sure while it does not ask', () => {
  const known = estimate([{ sent: 0, received: 20, server: 100 }])!
  expect(serverTime(known, 3_600_020).error).toBeGreaterThan(serverTime(known, 20).error)
})

describe('a countdown', () => {
  const until = '2026-04-13T10:00:00+08:00'
  const end = Date.parse(until)

  it('shows the second that has begun, and zero only at the end', () => {
    expect(countdown(until, { now: end - 61_001, error: 5 })).toMatchObject({ minutes: 1, seconds: 2, phase: 'last' })
    expect(countdown(until, { now: end - 1, error: 0 })).toMatchObject({ seconds: 1 })
    expect(countdown(until, { now: end, error: 5 })).toMatchObject({ left: 0, seconds: 0, phase: 'closing' })
  })

  it('is over only when even the slowest clock says so', () => {
    fc.assert(
      fc.property(fc.integer({ min: -5000, max: 5000 }), fc.nat(3000), (ahead, error) => {
        const { phase } = countdown(until, { now: end + ahead, error })
        return (phase === 'over') === ahead > error && (phase === 'closing') === Math.abs(ahead) <= error
      }),
    )
  })

  it('adds up to what is left', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 * 86_400_000 }), (left) => {
        const { days, hours, minutes, seconds } = countdown(until, { now: end - left, error: 0 })
        const shown = ((days * 24 + hours) * 60 + minutes) * 60 + seconds
        return shown * 1000 >= left && shown * 1000 < left + 1000 && hours < 24 && minutes < 60 && seconds < 60
      }),
    )
  })
})

it('counts days: those gone by in full, those to come as begun', () => {
  const day = 86_400_000
  expect(daysSince('2026-04-13T10:00:00+08:00', Date.parse('2026-04-15T09:59:59+08:00'))).toBe(1)
  expect(daysBetween(0, 1)).toBe(1)
  expect(daysBetween(0, day)).toBe(1)
  expect(daysBetween(day + 1, 0)).toBe(-1)
})

it('tells the day in Beijing', () => {
  expect(dayOf(Date.parse('2026-04-12T16:00:00Z'))).toBe('2026-04-13')
  expect(dayOf(Date.parse('2026-04-12T15:59:59Z'))).toBe('2026-04-12')
})
