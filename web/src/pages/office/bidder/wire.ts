/** What the feed of a lot sends, read strictly where a bidder's view depends on it. Pure. */

import { isObject, type Json } from '@/base/canonical'
import { isAmount, type Wire } from '@/market'
import type { LotState, PlacedBid, RoomEvent, Snapshot } from './room'

export type Frame =
  | { kind: 'snapshot'; seq: number; snapshot: Snapshot }
  | { kind: 'beat'; seq: number }
  | { kind: 'event'; event: RoomEvent }

const EVENTS = ['notice', 'bid', 'extended', 'frozen', 'resumed', 'closed', 'opened', 'decided', 'paid', 'defaulted'] as const
/** The names under which the feed sends; whatever else it may send later is not heard. */
export const NAMES = ['snapshot', 'beat', ...EVENTS] as const
export type Name = (typeof NAMES)[number]

type Fields = Record<string, Json>

/** One message of the feed; undefined for what cannot be read, which then counts as missing. */
export function readFrame(name: Name, data: string): Frame | undefined {
  let fields: unknown
  try {
    fields = JSON.parse(data)
  } catch {
    return undefined
  }
  if (!isObject(fields)) return undefined
  const { seq, at } = fields
  if (typeof seq !== 'number' || !Number.isSafeInteger(seq) || seq < 0) return undefined
  if (name === 'beat') return { kind: 'beat', seq }
  if (name === 'snapshot') {
    const snapshot = isObject(fields.lot) ? readSnapshot(fields.lot) : undefined
    return snapshot && { kind: 'snapshot', seq, snapshot }
  }
  const change = typeof at === 'string' ? readChange(name, fields, at) : undefined
  return change && { kind: 'event', event: { seq, at: at as string, change } }
}

function readChange(name: (typeof EVENTS)[number], fields: Fields, at: string): RoomEvent['change'] | undefined {
  const closesAt = text(fields.closes_at)
  switch (name) {
    case 'bid': {
      const bid = readBid(fields, at)
      return bid && { kind: 'bid', bid }
    }
    case 'extended':
    case 'resumed':
      return closesAt === null ? undefined : { kind: name, closesAt }
    case 'frozen':
      return { kind: 'frozen', reason: text(fields.reason) }
    case 'closed':
    case 'decided':
      return { kind: name, state: stateOf(fields.state), winner: text(fields.winner), price: amount(fields.price_cny) }
    case 'notice':
      return { kind: 'notice', hash: text(fields.hash), opensAt: text(fields.opens_at), closesAt }
    default:
      return { kind: name }
  }
}

function readSnapshot(lot: Fields): Snapshot | undefined {
  const [start, area, opensAt, closesAt] = [amount(lot.start_price_cny), amount(lot.area_m2), text(lot.opens_at), text(lot.closes_at)]
  if (start === null || area === null || opensAt === null || closesAt === null) return undefined
  return {
    state: stateOf(lot.state),
    sealed: lot.mode === 'sealed',
    start,
    area,
    opensAt,
    closesAt,
    increment: amount(lot.increment_cny),
    current: amount(lot.current_price_cny),
    winner: text(lot.winner),
    price: amount(lot.price_cny),
    noticeHash: text(lot.notice_hash),
    frozenFor: text(lot.freeze_reason),
  }
}

function readBid(fields: Fields, at: string): PlacedBid | undefined {
  const { number, price_cny: price, paddle } = fields
  if (typeof number !== 'number' || !isAmount(price)) return undefined
  return { number, price, paddle: typeof paddle === 'number' ? paddle : null, at }
}

const STATES: readonly LotState[] = ['listed', 'open', 'frozen', 'closed', 'sold', 'unsold', 'paid', 'defaulted']

/** A state that this page does not know is over for it: no bid is offered. */
function stateOf(value: Json | undefined): LotState {
  return STATES.find((state) => state === value) ?? 'closed'
}

function text(value: Json | undefined): string | null {
  return typeof value === 'string' ? value : null
}

function amount(value: Json | undefined): Wire | null {
  return isAmount(value) ? value : null
}
