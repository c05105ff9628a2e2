/**
 * What a bidder may believe about a lot: its state, made of a snapshot and numbered events. Pure:
 * no page, no network, no clock. Every event is applied once and in order (`takeEvents`).
 */

import {
  beginFeed,
  compare,
  countdown,
  health,
  maySayLeading,
  takeBeat,
  takeEvents,
  type Countdown,
  type Feed,
  type FeedHealth,
  type Instant,
  type Wire,
} from '@/market'
import type { Frame } from './wire'

export type LotState = 'listed' | 'open' | 'frozen' | 'closed' | 'sold' | 'unsold' | 'paid' | 'defaulted'

/** A bid as everybody sees it. */
export interface PlacedBid {
  number: number
  paddle: number | null
  price: Wire
  at: string
}

export interface RoomEvent {
  seq: number
  at: string
  change:
    | { kind: 'notice'; hash: string | null; opensAt: string | null; closesAt: string | null }
    | { kind: 'bid'; bid: PlacedBid }
    | { kind: 'extended' | 'resumed'; closesAt: string }
    | { kind: 'closed' | 'decided'; state: LotState; winner: string | null; price: Wire | null }
    | { kind: 'frozen'; reason: string | null }
    | { kind: 'opened' | 'paid' | 'defaulted' }
}

/** The lot as it was when the page asked. */
export interface Snapshot {
  state: LotState
  sealed: boolean
  start: Wire
  increment: Wire | null
  area: Wire
  opensAt: string
  closesAt: string
  current: Wire | null
  winner: string | null
  price: Wire | null
  noticeHash: string | null
  /** Why it is frozen, where the exchange said so. */
  frozenFor: string | null
}

export interface Room extends Snapshot {
  /** The paddle of the highest bid; null while it is not known. */
  leader: number | null
  /** When the clock was stopped; null while it runs. */
  frozenAt: string | null
  /** Newest first. */
  bids: readonly PlacedBid[]
  /** The last extension, and how many there were. */
  extension: { seq: number; at: string; from: string; to: string } | null
  extensions: number
}

const KEPT_BIDS = 500

export function enter(snapshot: Snapshot): Room {
  return { ...snapshot, leader: null, frozenAt: null, bids: [], extension: null, extensions: 0 }
}

/** The room after an event. The whole story of a lot, from its first notice on, makes it anew. */
export function apply(room: Room, { seq, at, change }: RoomEvent): Room {
  switch (change.kind) {
    case 'notice':
      return {
        ...room,
        state: 'listed',
        noticeHash: change.hash ?? room.noticeHash,
        opensAt: change.opensAt ?? room.opensAt,
        closesAt: change.closesAt ?? room.closesAt,
      }
    case 'bid':
      return { ...room, state: 'open', ...withBid(room, change.bid) }
    case 'extended':
      return extended(room, seq, at, change.closesAt)
    case 'frozen':
      return { ...room, state: 'frozen', frozenAt: at, frozenFor: change.reason }
    case 'resumed':
      return { ...room, state: 'open', frozenAt: null, frozenFor: null, closesAt: change.closesAt, extension: null }
    case 'closed':
    case 'decided':
      return { ...room, state: change.state, frozenAt: null, frozenFor: null, winner: change.winner, price: change.price }
    case 'paid':
    case 'defaulted':
      return { ...room, state: change.kind }
    case 'opened':
      return room
  }
}

function withBid(room: Room, bid: PlacedBid): Pick<Room, 'bids' | 'current' | 'leader'> {
  const leads = room.leader === null || room.current === null || compare(bid.price, room.current) > 0
  const bids = [bid, ...room.bids.filter(({ number }) => number !== bid.number)].slice(0, KEPT_BIDS)
  return leads ? { bids, current: bid.price, leader: bid.paddle } : { bids, current: room.current, leader: room.leader }
}

function extended(room: Room, seq: number, at: string, to: string): Room {
  const extension = { seq, at, from: room.closesAt, to }
  return { ...room, closesAt: to, extension, extensions: room.extensions + 1 }
}

/** The feed and the room it makes, moved on together; `truth` is what the server said at event `at`. */
export interface Watched {
  feed: Feed<RoomEvent>
  room: Room
  truth: { at: number; snapshot: Snapshot }
}

/** Begin before the first event: the server is at `seq`, and all up to it is still to come. */
export function beginWatch(snapshot: Snapshot, seq: number, heard: number): Watched {
  return {
    feed: takeBeat(beginFeed<RoomEvent>(0, heard), seq, heard),
    room: enter(snapshot),
    truth: { at: seq, snapshot },
  }
}

/** Take events as they come: early, late, twice. */
export function watchEvents({ feed, room, truth }: Watched, events: readonly RoomEvent[], heard: number): Watched {
  const step = takeEvents(feed, events, heard)
  const next = step.deliver.reduce((before, event) => {
    const after = apply(before, event)
    // The story told again has arrived where the server stood: its own word counts.
    return event.seq === truth.at ? { ...after, ...truth.snapshot } : after
  }, room)
  return { feed: step.feed, room: next, truth }
}

/** Take what a connection brought; `newTerms` when the lot was announced anew meanwhile. */
export function takeFrames(
  before: Watched | undefined,
  frames: readonly Frame[],
  heard: number,
): { watched: Watched | undefined; newTerms: boolean } {
  let now = before
  const events: RoomEvent[] = []
  for (const frame of frames) {
    if (frame.kind === 'event') events.push(frame.event)
    else if (now) now = { ...now, feed: takeBeat(now.feed, frame.seq, heard) }
    else if (frame.kind === 'snapshot') now = beginWatch(frame.snapshot, frame.seq, heard)
  }
  const newTerms = before !== undefined && events.some(({ seq, change }) => change.kind === 'notice' && seq > before.feed.newest)
  return { watched: newTerms || !now ? undefined : watchEvents(now, events, heard), newTerms }
}

/** How often the server says that it is there, and how late that may be before it is missed. */
export const BEAT_MS = 5000
const GRACE_MS = 2000

/** Stale at once when the connection is known to be lost, else when one heartbeat is missed. */
export function liveness(feed: Feed<RoomEvent>, connected: boolean, monotonic: number): FeedHealth {
  return connected ? health(feed, monotonic, (BEAT_MS + GRACE_MS) / 2) : 'stale'
}

/** `unsure`: what is shown may be old, so nothing is said about who leads. */
export type Standing = 'leading' | 'outbid' | 'no-bid' | 'unsure'

export function standing(room: Room, paddle: number | null, state: FeedHealth): Standing {
  if (!maySayLeading(state)) return 'unsure'
  if (paddle === null) return 'no-bid'
  if (room.leader === paddle) return 'leading'
  return room.bids.some((bid) => bid.paddle === paddle) ? 'outbid' : 'no-bid'
}

/** `closing`: within the error of the clock, only the server knows whether it is over. */
export type Phase = 'before' | 'open' | 'closing' | 'frozen' | 'opening' | 'over'

export function phaseOf(room: Room, instant: Instant | undefined): Phase {
  if (room.state === 'frozen') return 'frozen'
  if (room.state === 'closed') return 'opening'
  if (room.state !== 'listed' && room.state !== 'open') return 'over'
  if (instant === undefined) return room.state === 'open' ? 'open' : 'before'
  if (instant.now < Date.parse(room.opensAt)) return 'before'
  const left = countdown(room.closesAt, instant).phase
  return left === 'closing' || left === 'over' ? 'closing' : 'open'
}

/** What the clock counts down to; what is left stands still while the lot is frozen. */
export function clockOf(room: Room, instant: Instant): Countdown {
  if (room.state === 'frozen' && room.frozenAt !== null) {
    return countdown(room.closesAt, { now: Date.parse(room.frozenAt), error: 0 })
  }
  return countdown(phaseOf(room, instant) === 'before' ? room.opensAt : room.closesAt, instant)
}

/** Why a bid would be refused now, as far as this page knows; the server judges. */
export type Hindrance = 'not-registered' | 'not-open' | 'frozen' | 'over' | 'leading'

export function hindrance(paddle: number | null, now: Phase, state: Standing): Hindrance | undefined {
  if (now === 'over' || now === 'opening') return 'over'
  if (paddle === null) return 'not-registered'
  if (now === 'frozen') return 'frozen'
  if (now === 'before') return 'not-open'
  return state === 'leading' ? 'leading' : undefined
}
