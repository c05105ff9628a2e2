/** The bidding room's state: the same from every order of arrival, and modest about who leads. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { hundredths, toWire } from '@/market'
import {
  apply,
  BEAT_MS,
  beginWatch,
  clockOf,
  enter,
  hindrance,
  liveness,
  phaseOf,
  standing,
  takeFrames,
  watchEvents,
  type Room,
  type RoomEvent,
  type Snapshot,
} from '@/pages/office/bidder/room'
import { readFrame } from '@/pages/office/bidder/wire'

const OPENS = '2026-04-13T09:00:00+08:00'
const CLOSES = '2026-04-13T10:00:00+08:00'
const SNAPSHOT: Snapshot = {
  state: 'open',
  sealed: false,
  start: '54000.00',
  increment: '1000.00',
  area: '180.00',
  opensAt: OPENS,
  closesAt: CLOSES,
  current: null,
  winner: null,
  price: null,
  noticeHash: null,
  frozenFor: null,
}
const at = (minutes: number) => new Date(Date.parse(OPENS) + minutes * 60_000).toISOString()

/** Stories as the server tells them: prices rise, the close moves only later. */
const stories = fc
  .array(fc.record({ paddle: fc.integer({ min: 1, max: 3 }), steps: fc.integer({ min: 1, max: 3 }), extends: fc.boolean(), stops: fc.boolean() }), {
    maxLength: 8,
  })
  .map((turns) => {
    const changes: RoomEvent['change'][] = [{ kind: 'notice', hash: 'n', opensAt: OPENS, closesAt: CLOSES }]
    let price = hundredths('53000.00')
    let close = 60
    turns.forEach(({ paddle, steps, extends: isExtended, stops }, i) => {
      price += BigInt(steps) * 100_000n
      changes.push({ kind: 'bid', bid: { number: i + 1, paddle, price: toWire(price), at: at(i) } })
      if (isExtended) changes.push({ kind: 'extended', closesAt: at((close += 5)) })
      if (stops) changes.push({ kind: 'frozen', reason: null }, { kind: 'resumed', closesAt: at((close += 7)) })
    })
    return changes.map((change, i): RoomEvent => ({ seq: i + 1, at: at(i), change }))
  })

const told = (events: RoomEvent[]): Room => events.reduce(apply, enter(SNAPSHOT))

/** What the server would answer after these events. */
function snapshotOf(room: Room): Snapshot {
  const names = Object.keys(SNAPSHOT) as (keyof Snapshot)[]
  return Object.fromEntries(names.map((name) => [name, room[name]])) as unknown as Snapshot
}

describe('the room', () => {
  test('events in any order and as often as they come make the same room', () => {
    fc.assert(
      fc.property(stories, fc.infiniteStream(fc.nat()), (events, dice) => {
        const [mixed, draw] = [[...events, ...events], () => dice.next().value as number]
        for (let i = mixed.length - 1; i > 0; i--) {
          const j = draw() % (i + 1)
          ;[mixed[i], mixed[j]] = [mixed[j]!, mixed[i]!]
        }
        let watched = beginWatch(snapshotOf(told(events)), events.length, 0)
        for (const event of mixed) watched = watchEvents(watched, [event], 1)
        expect(watched.room).toEqual(told(events))
        expect(watched.feed.last).toBe(events.length)
      }),
    )
  })

  test('where the story told again differs from the snapshot, the snapshot counts', () => {
    fc.assert(
      fc.property(stories, (events) => {
        const snapshot = { ...snapshotOf(told(events)), closesAt: at(500) }
        expect(watchEvents(beginWatch(snapshot, events.length, 0), events, 1).room.closesAt).toBe(at(500))
      }),
    )
  })

  test('the leader is who made the highest bid, and the close never comes sooner', () => {
    fc.assert(
      fc.property(stories, (events) => {
        let room = enter(SNAPSHOT)
        for (const event of events) {
          const next = apply(room, event)
          if (event.change.kind !== 'notice') expect(Date.parse(next.closesAt)).toBeGreaterThanOrEqual(Date.parse(room.closesAt))
          room = next
        }
        const best = events.flatMap(({ change }) => (change.kind === 'bid' ? [change.bid] : [])).at(-1)
        expect(room.leader).toBe(best?.paddle ?? null)
        expect(room.current).toBe(best?.price ?? null)
      }),
    )
  })

  test('nobody is said to lead while anything is missing or the connection is lost', () => {
    fc.assert(
      fc.property(stories, fc.nat({ max: 20 }), fc.boolean(), fc.nat({ max: 20_000 }), (events, held, connected, now) => {
        const shown = events.slice(0, held)
        const watched = watchEvents(beginWatch(SNAPSHOT, events.length, 0), shown, 0)
        const state = liveness(watched.feed, connected, now)
        const said = standing(watched.room, watched.room.leader, state)
        const complete = shown.length === events.length
        const fresh = connected && now <= BEAT_MS + 2000
        if (said !== 'unsure') expect(complete && fresh).toBe(true)
        if (!connected) expect(said).toBe('unsure')
      }),
    )
  })

})

describe('what is said of it', () => {
  test('a lost connection withdraws who leads at once, a missed heartbeat within two seconds', () => {
    const { feed } = beginWatch(SNAPSHOT, 0, 1000)
    expect(liveness(feed, true, 1000)).toBe('live')
    expect(liveness(feed, false, 1000)).toBe('stale')
    expect(liveness(feed, true, 1000 + BEAT_MS + 2000)).toBe('live')
    expect(liveness(feed, true, 1001 + BEAT_MS + 2000)).toBe('stale')
  })

  test('a frozen lot shows the time that was left, and takes no bid', () => {
    const room = apply(told([]), { seq: 1, at: at(50), change: { kind: 'frozen', reason: '核查' } })
    const late = { now: Date.parse(at(59)), error: 0 }
    expect(phaseOf(room, late)).toBe('frozen')
    expect(room.frozenFor).toBe('核查')
    expect(apply(room, { seq: 2, at: at(55), change: { kind: 'resumed', closesAt: at(65) } }).frozenFor).toBeNull()
    expect(clockOf(room, late)).toMatchObject({ minutes: 10, seconds: 0 })
    expect(hindrance(7, 'frozen', 'outbid')).toBe('frozen')
  })

  test('within the error of the clock the page does not say that it is over', () => {
    const room = told([])
    const end = Date.parse(CLOSES)
    expect(phaseOf(room, { now: end - 300, error: 200 })).toBe('open')
    expect(phaseOf(room, { now: end - 100, error: 200 })).toBe('closing')
    expect(phaseOf(room, { now: end + 5000, error: 200 })).toBe('closing')
    expect(phaseOf(apply(room, { seq: 1, at: CLOSES, change: { kind: 'closed', state: 'sold', winner: 'b1', price: '54000.00' } }), undefined)).toBe('over')
  })

  test('what hinders a bid is said in the order in which the server would refuse it', () => {
    expect(hindrance(null, 'open', 'no-bid')).toBe('not-registered')
    expect(hindrance(7, 'before', 'no-bid')).toBe('not-open')
    expect(hindrance(7, 'open', 'leading')).toBe('leading')
    expect(hindrance(7, 'open', 'unsure')).toBeUndefined()
    expect(hindrance(7, 'closing', 'outbid')).toBeUndefined()
    expect(hindrance(7, 'over', 'outbid')).toBe('over')
  })

  test('a later notice makes the page begin anew', () => {
    const notice = (seq: number) => ({ kind: 'event', event: { seq, at: at(0), change: { kind: 'notice', hash: 'm', opensAt: OPENS, closesAt: CLOSES } } }) as const
    const first = takeFrames(undefined, [{ kind: 'snapshot', seq: 1, snapshot: SNAPSHOT }, notice(1)], 0)
    expect(first.newTerms).toBe(false)
    expect(first.watched?.feed.last).toBe(1)
    const second = takeFrames(first.watched, [notice(2)], 0)
    expect(second).toEqual({ watched: undefined, newTerms: true })
  })
})

describe('the feed as it is sent', () => {
  test('events and beats are read, and what is malformed counts as missing', () => {
    const bid = '{"seq":2,"lot":"l1","at":"2026-04-13T09:10:00+08:00","number":1,"paddle":482913,"price_cny":"54000.00","closes_at":"2026-04-13T10:00:00+08:00","by":null}'
    expect(readFrame('bid', bid)).toEqual({
      kind: 'event',
      event: {
        seq: 2,
        at: '2026-04-13T09:10:00+08:00',
        change: { kind: 'bid', bid: { number: 1, paddle: 482913, price: '54000.00', at: '2026-04-13T09:10:00+08:00' } },
      },
    })
    expect(readFrame('beat', '{"seq":9,"server_time":"2026-04-13T10:00:03+08:00"}')).toEqual({ kind: 'beat', seq: 9 })
    for (const broken of ['', 'null', '{}', '{"seq":-1}', '{"seq":1.5}', bid.replace('54000.00', '54000.0')]) {
      expect(readFrame('bid', broken)).toBeUndefined()
    }
  })

  test('a state that is not known offers no bid', () => {
    const lot = { state: 'new', start_price_cny: '1.00', area_m2: '1.00', opens_at: OPENS, closes_at: CLOSES, mode: 'ascending' }
    const frame = readFrame('snapshot', JSON.stringify({ seq: 0, server_time: OPENS, lot }))
    expect(frame).toMatchObject({ kind: 'snapshot', snapshot: { state: 'closed', increment: null } })
  })
})
