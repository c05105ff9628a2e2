/**
 * The payment clock of a household: which step its ticket is at, who holds it, since when, and by
 * when it is due. From what the API says of application, ticket and lot; nothing is guessed: what
 * is not known is null.
 */

import { daysBetween, daysSince } from './clock'

export type StepKey =
  | 'cooling_off'
  | 'village_review'
  | 'notice'
  | 'determination'
  | 'county_approval'
  | 'reclamation'
  | 'issue'
  | 'hand_in'
  | 'listing'
  | 'auction'
  | 'payment'
  | 'credited'

/** Who holds it: the roles of the API. */
export type Holder =
  | 'villager'
  | 'collective'
  | 'township'
  | 'county_approver'
  | 'county_clerk'
  | 'exchange'
  | 'bidder'
  | 'fund_centre'

export interface PaymentFacts {
  application?: {
    state: string
    applied_at: string
    cooling_off_ends_at: string
    notice_ends_at: string | null
  }
  ticket?: { state: string; issued_at: string }
  /** The hold that stands: the household said that it did not agree. */
  hold?: { placed_at: string }
  lot?: { state: string; opens_at: string; closes_at: string; payment_due_at: string | null }
  /** When steps began, where the API tells. */
  entered?: Partial<Record<StepKey, string>>
}

export interface ClockStep {
  key: StepKey
  holder: Holder
  state: 'done' | 'now' | 'late' | 'todo'
  since: string | null
  due: string | null
}

export interface PaymentClock {
  steps: ClockStep[]
  /** The step that is waited for; undefined when all is done or nothing will come. */
  now: ClockStep | undefined
  /** Whole days that the present step has been held. */
  held: number | null
  /** Days until it is due; negative when it is overdue. */
  left: number | null
  /** Since when nothing goes on because of a hold, and who hears it; null: it goes on. */
  stopped: { since: string; hearer: Holder } | null
  /** Why nothing will come of it. */
  ended: 'revoked' | 'rejected' | 'transferred' | null
}

const HOLDERS: [StepKey, Holder][] = [
  ['cooling_off', 'villager'],
  ['village_review', 'collective'],
  ['notice', 'township'],
  ['determination', 'township'],
  ['county_approval', 'county_approver'],
  ['reclamation', 'county_clerk'],
  ['issue', 'county_clerk'],
  ['hand_in', 'villager'],
  ['listing', 'exchange'],
  ['auction', 'exchange'],
  ['payment', 'bidder'],
  ['credited', 'fund_centre'],
]

const OF_TICKET: Record<string, StepKey | undefined> = {
  issued: 'hand_in',
  handed_in: 'listing',
  locked: 'listing',
  listed: 'auction',
  sold: 'payment',
}

const OF_APPLICATION: Record<string, StepKey | undefined> = {
  determined: 'county_approval',
  approved: 'reclamation',
  accepted: 'issue',
}

/** The clock at an instant of the server's, in milliseconds. */
export function paymentClock(facts: PaymentFacts, now: number): PaymentClock {
  const ended = endOf(facts)
  const settled = facts.ticket?.state === 'settled'
  const present = ended !== null || settled ? undefined : presentStep(facts, now)
  const at = settled ? HOLDERS.length : HOLDERS.findIndex(([key]) => key === present)
  const steps = HOLDERS.map(([key, holder], i): ClockStep => {
    const [since, due] = termOf(key, facts)
    // Nobody is late with what nobody may do.
    const late = due !== null && Date.parse(due) < now && !facts.hold
    const state = i < at ? 'done' : i > at ? 'todo' : late ? 'late' : 'now'
    return { key, holder, state, since, due }
  })
  const step = steps.find(({ key }) => key === present)
  return {
    steps,
    now: step,
    held: step?.since ? daysSince(step.since, now) : null,
    left: step?.due && !facts.hold ? daysBetween(now, step.due) : null,
    stopped: facts.hold && step ? { since: facts.hold.placed_at, hearer: 'county_approver' } : null,
    ended,
  }
}

function endOf({ application, ticket }: PaymentFacts): PaymentClock['ended'] {
  if (ticket) return ticket.state === 'transferred' ? 'transferred' : null
  return application?.state === 'revoked' || application?.state === 'rejected' ? application.state : null
}

function presentStep({ application, ticket }: PaymentFacts, now: number): StepKey | undefined {
  if (ticket) return OF_TICKET[ticket.state]
  if (!application) return undefined
  if (application.state === 'applied') {
    return now < Date.parse(application.cooling_off_ends_at) ? 'cooling_off' : 'village_review'
  }
  if (application.state === 'noticed') {
    const end = application.notice_ends_at
    return end !== null && now >= Date.parse(end) ? 'determination' : 'notice'
  }
  return OF_APPLICATION[application.state]
}

/** When a step began and by when it is due. */
function termOf(key: StepKey, { application, ticket, lot, entered }: PaymentFacts): [string | null, string | null] {
  const began = entered?.[key] ?? null
  switch (key) {
    case 'cooling_off':
      return [began ?? application?.applied_at ?? null, application?.cooling_off_ends_at ?? null]
    case 'village_review':
      return [began ?? application?.cooling_off_ends_at ?? null, null]
    case 'notice':
      return [began, application?.notice_ends_at ?? null]
    case 'determination':
      return [began ?? application?.notice_ends_at ?? null, null]
    case 'hand_in':
      return [began ?? ticket?.issued_at ?? null, null]
    case 'auction':
      return [began, lot?.closes_at ?? null]
    case 'payment':
      return [began ?? lot?.closes_at ?? null, lot?.payment_due_at ?? null]
    default:
      return [began, null]
  }
}
