/**
 * The server's time as a browser can know it: an interval. A round trip that left at `sent`, came
 * back at `received` (both on a monotonic clock) and says `server` proves that the server's clock
 * was ahead of ours by between `server - received` and `server - sent`. The intervals of several
 * round trips must all hold at once, so each one narrows the answer. Milliseconds throughout.
 */

export interface RoundTrip {
  sent: number
  received: number
  server: number
}

export interface Estimate {
  /** Add to the monotonic clock to get the server's time. */
  offset: number
  /** The truth lies within offset ± error, at the instant `at` of the monotonic clock. */
  error: number
  at: number
}

/** A device's clock may run wrong by this share; so the bound grows between round trips. */
const DRIFT_PPM = 200

/** From round trips, newest last; undefined without any. Those that contradict newer ones are dropped. */
export function estimate(trips: readonly RoundTrip[]): Estimate | undefined {
  const newest = trips.at(-1)
  if (newest === undefined) return undefined
  const at = newest.received
  let [low, high] = bounds(newest, at)
  for (const trip of trips.slice(0, -1).reverse()) {
    const [below, above] = bounds(trip, at)
    // Disjoint: the server's clock was set, or this device slept, in between. The newer one counts.
    if (below > high || above < low) break
    low = Math.max(low, below)
    high = Math.min(high, above)
  }
  return { offset: (low + high) / 2, error: (high - low) / 2, at }
}

function bounds({ sent, received, server }: RoundTrip, at: number): [number, number] {
  const drift = driftOver(at - received)
  return [server - received - drift, server - sent + drift]
}

function driftOver(span: number): number {
  return (Math.abs(span) * DRIFT_PPM) / 1_000_000
}

export interface Instant {
  /** Milliseconds since 1970 on the server's clock. */
  now: number
  /** The server's clock shows now ± error. */
  error: number
}

/** The server's time when the monotonic clock shows `monotonic`. */
export function serverTime(known: Estimate, monotonic: number): Instant {
  return { now: monotonic + known.offset, error: known.error + driftOver(monotonic - known.at) }
}

/** `far` days, `near` an hour, `last` the last five minutes, `closing` too near to tell, `over`. */
export type CountdownPhase = 'far' | 'near' | 'last' | 'closing' | 'over'

export interface Countdown {
  /** Milliseconds left, zero when over. */
  left: number
  days: number
  hours: number
  minutes: number
  seconds: number
  phase: CountdownPhase
}

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** What is left until an RFC 3339 instant. It is over only when even the slowest clock says so. */
export function countdown(until: string, { now, error }: Instant): Countdown {
  const end = Date.parse(until)
  const left = Math.max(0, end - now)
  // Rounded up, so that 00:00 is shown at the end and not a second before.
  const whole = Math.ceil(left / SECOND) * SECOND
  return {
    left,
    days: Math.floor(whole / DAY),
    hours: Math.floor((whole % DAY) / HOUR),
    minutes: Math.floor((whole % HOUR) / MINUTE),
    seconds: Math.floor((whole % MINUTE) / SECOND),
    phase: phaseOf(end - now, error),
  }
}

function phaseOf(left: number, error: number): CountdownPhase {
  if (left < -error) return 'over'
  if (left <= error) return 'closing'
  if (left <= 5 * MINUTE) return 'last'
  return left <= HOUR ? 'near' : 'far'
}

/** Days from one instant to another: begun ones that are to come, whole ones that are past. */
export function daysBetween(from: string | number, to: string | number): number {
  const span = instantOf(to) - instantOf(from)
  return span >= 0 ? Math.ceil(span / DAY) : -Math.floor(-span / DAY)
}

/** Whole days that have gone by since an instant; zero on the first. */
export function daysSince(since: string, now: number): number {
  return Math.max(0, Math.floor((now - Date.parse(since)) / DAY))
}

/** An RFC 3339 instant that lies a number of days after another. */
export function plusDays(instant: string, days: number): string {
  return new Date(Date.parse(instant) + days * DAY).toISOString()
}

function instantOf(value: string | number): number {
  return typeof value === 'number' ? value : Date.parse(value)
}

/** The calendar day in Beijing of an instant of the server's, as `2026-04-13`. */
export function dayOf(now: number): string {
  return new Date(now + 8 * HOUR).toISOString().slice(0, 10)
}
