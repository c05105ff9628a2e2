/** The server's clock for everything that counts down: several round trips, never the device's. */

import { computed, onScopeDispose, ref, shallowRef, type ComputedRef, type ShallowRef } from 'vue'

import { estimate, serverTime, type Estimate, type Instant, type RoundTrip } from '../market/clock'
import { get } from './http'

const FIRST_TRIPS = 5
const KEPT_TRIPS = 12
const EVERY_MS = 60_000

const trips: RoundTrip[] = []
const known: ShallowRef<Estimate | undefined> = shallowRef()
let started = false
let syncing = false

async function trip(): Promise<void> {
  const sent = performance.now()
  const { microseconds } = await get('/v1/time')
  const received = performance.now()
  trips.push({ sent, received, server: microseconds / 1000 })
  trips.splice(0, trips.length - KEPT_TRIPS)
  known.value = estimate(trips)
}

async function sync(count: number): Promise<void> {
  if (syncing) return
  syncing = true
  try {
    for (let i = 0; i < count; i++) await trip()
  } catch {
    // Offline: the old estimate goes on, its bound grows, and the next round tries again.
  }
  syncing = false
}

function start(): void {
  if (started) return
  started = true
  void sync(FIRST_TRIPS)
  setInterval(() => void sync(1), EVERY_MS)
  // A device that slept may have stopped its monotonic clock: what was measured before is void.
  const anew = () => {
    if (document.hidden) return
    trips.length = 0
    void sync(FIRST_TRIPS)
  }
  document.addEventListener('visibilitychange', anew)
  addEventListener('online', anew)
  addEventListener('pageshow', anew)
}

export interface Now {
  /** The server's time with its bound; undefined until the first answer. */
  instant: ComputedRef<Instant | undefined>
  /** Milliseconds since 1970 of the server; 0 until the first answer. */
  now: ComputedRef<number>
  /** Milliseconds by which `now` may be wrong. */
  error: ComputedRef<number>
}

/** The server's time, ticking. `tick` in milliseconds: 1000 for dates, 100 for the bidding room. */
export function useNow({ tick = 1000 }: { tick?: number } = {}): Now {
  start()
  const monotonic = ref(performance.now())
  const timer = setInterval(() => (monotonic.value = performance.now()), tick)
  onScopeDispose(() => clearInterval(timer))
  const instant = computed(() => known.value && serverTime(known.value, monotonic.value))
  return {
    instant,
    now: computed(() => instant.value?.now ?? 0),
    error: computed(() => instant.value?.error ?? Infinity),
  }
}
