/**
 * A transfer between nodes, as each of its three nodes knows it: who may do what with it, whose turn
 * it is, and how far it is. Giver and receiver hear by letter only what concerns them, so each
 * part knows less than the whole.
 */

import { quote, type YieldPair } from './provinces'
import type { Wire } from './amounts'

export interface CrossingPart {
  role: 'giver' | 'ministry' | 'receiver'
  state: string
  home: string
  to: string
  cancelling: boolean
}

export type CrossingAct = 'accept' | 'decline' | 'approve' | 'refuse' | 'cancel'

/** What somebody may do with a part: the provinces' offices with their own, the ministry with its. */
export function crossingActs(part: CrossingPart, role: string, party: string): CrossingAct[] {
  if (part.role === 'ministry') return role === 'ministry' ? ofMinistry(part.state) : []
  const own = part.role === 'giver' ? part.home : part.to
  if ((role !== 'province' && role !== 'operator') || party !== own) return []
  if (part.role === 'giver') return part.state === 'locked' && !part.cancelling ? ['cancel'] : []
  if (part.state === 'offered') return ['accept', 'decline']
  return part.state === 'accepted' ? ['decline'] : []
}

function ofMinistry(state: string): CrossingAct[] {
  if (state === 'offered') return ['refuse']
  return state === 'accepted' ? ['approve', 'refuse'] : []
}

const BOOKED = ['debited', 'credited', 'done']
const ENDED = ['released', 'closed', 'aborted']

export type CrossingShelf = 'mine' | 'others' | 'done'

/** Whose turn it is; that somebody could end it does not make it theirs. */
export function crossingShelf(part: CrossingPart, role: string, party: string): CrossingShelf {
  if (BOOKED.includes(part.state) || ENDED.includes(part.state)) return 'done'
  const acts = crossingActs(part, role, party)
  return acts.includes('accept') || acts.includes('approve') ? 'mine' : 'others'
}

export interface CrossingStep {
  key: 'proposed' | 'recalled' | 'accepted' | 'declined' | 'decided' | 'booked' | 'ended'
  state: 'done' | 'now' | 'late' | 'todo'
}

/** How far it is, by what this part knows. */
export function crossingSteps({ state, cancelling }: CrossingPart): CrossingStep[] {
  if (ENDED.includes(state)) return steps(['proposed', 'ended'], 1, 'late')
  if (BOOKED.includes(state)) return steps(['proposed', 'accepted', 'decided', 'booked'], 4)
  if (cancelling) return steps(['proposed', 'recalled', 'decided'], 2)
  if (state === 'rejected') return steps(['proposed', 'declined', 'decided'], 2)
  const done: Record<string, number> = { accepted: 2, committed: 3 }
  return steps(['proposed', 'accepted', 'decided', 'booked'], done[state] ?? 1)
}

function steps(keys: CrossingStep['key'][], done: number, next: CrossingStep['state'] = 'now'): CrossingStep[] {
  return keys.map((key, i) => ({ key, state: i < done ? 'done' : i === done ? next : 'todo' }))
}

/** Whether this side, computing by itself, comes to the area that was proposed. */
export function agreesWith(proposed: YieldPair & { sent_m2: Wire; received_m2: Wire }): boolean {
  return quote(proposed.sent_m2, proposed).received === proposed.received_m2
}

export interface StatedRate extends YieldPair {
  document: string
}

/** Whether two fractions are the same one: the ministry approves by the coefficient in force only. */
export function sameRate(a: StatedRate, b: StatedRate): boolean {
  return a.yield_out === b.yield_out && a.yield_in === b.yield_in && a.document === b.document
}

/** How all nodes name what its giver calls `x1`: `500000-x1`. */
export function crossingId({ id, home }: { id: string; home: string }): string {
  return `${home}-${id}`
}

/** The number that its giver gave it: `x1` of `500000-x1`. */
export function ownNumber({ id, home }: { id: string; home: string }): string {
  return id.slice(home.length + 1)
}
