/**
 * The live feed of one lot, for a view: what was missed is asked for by the number of the last
 * event, and what is shown is called stale the moment the connection is lost.
 */

import { computed, onScopeDispose, ref, shallowRef } from 'vue'

import { onReturn } from '@/api'
import { missing, type FeedHealth } from '@/market'
import { Connection } from './connection'
import { BEAT_MS, liveness, takeFrames, type Watched } from './room'
import type { Frame } from './wire'

const SILENCE_MS = 2 * BEAT_MS + 2000
/** A connection that brings nothing at all is given up sooner: the next may find the network back. */
const OPENING_MS = BEAT_MS
const LOOK_EVERY_MS = 250

export function useLive(lot: string) {
  const watched = shallowRef<Watched>()
  const connected = ref(false)
  const monotonic = ref(performance.now())
  let behindSince: number | undefined
  const connection = new Connection(lot, () => watched.value?.feed.last ?? 0, take, () => (connected.value = false))

  function take(frames: Frame[]): void {
    monotonic.value = performance.now()
    const next = takeFrames(watched.value, frames, monotonic.value)
    connected.value = true
    watched.value = next.watched
    // Other terms: prices and steps of the first snapshot no longer hold.
    if (next.newTerms) connection.hurry()
  }

  function look(): void {
    const now = (monotonic.value = performance.now())
    const feed = watched.value?.feed
    behindSince = feed && missing(feed) ? (behindSince ?? now) : undefined
    const silent = now - Math.max(feed?.heard ?? 0, connection.tried) > (connected.value ? SILENCE_MS : OPENING_MS)
    const stuck = behindSince !== undefined && now - behindSince > BEAT_MS
    if (!connection.isTrying || (!silent && !stuck)) return
    behindSince = undefined
    connection.retry()
  }

  const away = () => connection.retry()
  const timer = setInterval(look, LOOK_EVERY_MS)
  onReturn(() => {
    if (!connected.value) connection.hurry()
  })
  addEventListener('offline', away)
  onScopeDispose(() => {
    clearInterval(timer)
    removeEventListener('offline', away)
    connection.close()
  })
  connection.open()

  const health = computed<FeedHealth>(() =>
    watched.value ? liveness(watched.value.feed, connected.value, monotonic.value) : 'stale',
  )
  return { health, room: computed(() => watched.value?.room) }
}
