/**
 * A live feed with numbered events: each is delivered in order and once, whatever the connection
 * does. The caller asks for what `missing` names and hands it in like everything else.
 */

export interface Numbered {
  seq: number
}

export interface Feed<E extends Numbered> {
  /** The number of the last event that was delivered. */
  last: number
  /** Events that came before their turn, by number. */
  early: ReadonlyMap<number, E>
  /** The highest number that the server is known to have sent. */
  newest: number
  /** Monotonic milliseconds of the last sign of life. */
  heard: number
}

export interface Step<E extends Numbered> {
  feed: Feed<E>
  /** To be shown now, in order. */
  deliver: E[]
}

/** A feed whose snapshot holds everything up to and including `last`. */
export function beginFeed<E extends Numbered>(last: number, heard: number): Feed<E> {
  return { last, early: new Map(), newest: last, heard }
}

/** Take events in any order; those that were delivered before are dropped. */
export function takeEvents<E extends Numbered>(feed: Feed<E>, events: readonly E[], heard: number): Step<E> {
  const early = new Map(feed.early)
  let { newest } = feed
  for (const event of events) {
    if (event.seq > feed.last && !early.has(event.seq)) early.set(event.seq, event)
    if (event.seq > newest) newest = event.seq
  }
  const deliver: E[] = []
  let { last } = feed
  for (let next = early.get(last + 1); next !== undefined; next = early.get(last + 1)) {
    deliver.push(next)
    early.delete(++last)
  }
  return { feed: { last, early, newest, heard }, deliver }
}

/** A heartbeat says how far the server is, so that a lost last event is noticed as well. */
export function takeBeat<E extends Numbered>(feed: Feed<E>, newest: number, heard: number): Feed<E> {
  return { ...feed, newest: Math.max(feed.newest, newest), heard }
}

/** The first and last number of what has to be fetched next; undefined when nothing is missing. */
export function missing<E extends Numbered>(feed: Feed<E>): { from: number; to: number } | undefined {
  if (feed.last >= feed.newest) return undefined
  const ahead = Math.min(...feed.early.keys(), feed.newest + 1)
  return { from: feed.last + 1, to: ahead - 1 }
}

/** `live`; `behind` while something is missing; `stale` after two missed heartbeats. */
export type FeedHealth = 'live' | 'behind' | 'stale'

export function health<E extends Numbered>(feed: Feed<E>, now: number, beatEveryMs: number): FeedHealth {
  if (now - feed.heard > 2 * beatEveryMs) return 'stale'
  return feed.last < feed.newest ? 'behind' : 'live'
}

/** Whether "you lead" may be said: only on news that are complete and fresh. */
export function maySayLeading(state: FeedHealth): boolean {
  return state === 'live'
}
