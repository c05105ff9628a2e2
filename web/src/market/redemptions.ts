/**
 * Requests to redeem a housing account: which kind asks for which use, and how far a request is.
 * The dates are the node's; whether a decision is late is judged by the server's clock.
 */

import type { UseKey } from './uses'

export type RedemptionKind =
  | 'affordable_purchase'
  | 'affordable_resale'
  | 'public_rental'
  | 'public_purchase'
  | 'commercial_purchase'
  | 'mortgage_offset'
  | 'cash_withdrawal'
  | 'refund'

export interface RedemptionFacts {
  state: 'open' | 'approved' | 'refused' | 'withdrawn'
  asked_at: string
  due_at: string
  decided_at: string | null
}

export interface RedemptionStep {
  key: 'asked' | 'approved' | 'refused' | 'withdrawn' | 'deciding' | 'to-be-done'
  state: 'done' | 'now' | 'late' | 'todo'
  /** When it was done. */
  at: string | null
  /** By when it should be done. */
  due: string | null
}

export const KIND_OF_USE: Record<UseKey, RedemptionKind> = {
  affordable: 'affordable_purchase',
  resale: 'affordable_resale',
  rent: 'public_rental',
  public: 'public_purchase',
  commercial: 'commercial_purchase',
  mortgage: 'mortgage_offset',
  cash: 'cash_withdrawal',
  refund: 'refund',
}

/** Whether a request should have been decided by now, in milliseconds of the server's clock. */
export function isLate(of: RedemptionFacts, now: number): boolean {
  return of.state === 'open' && now > Date.parse(of.due_at)
}

/** Asked, decided, done: a decision that is not a yes ends it. */
export function redemptionSteps(of: RedemptionFacts, now: number): RedemptionStep[] {
  const asked: RedemptionStep = { key: 'asked', state: 'done', at: of.asked_at, due: null }
  if (of.state === 'open') {
    return [
      asked,
      { key: 'deciding', state: isLate(of, now) ? 'late' : 'now', at: null, due: of.due_at },
      { key: 'to-be-done', state: 'todo', at: null, due: null },
    ]
  }
  return [asked, { key: of.state, state: 'done', at: of.decided_at, due: null }]
}
