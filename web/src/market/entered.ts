/** When each step on the way to the money began: from the records of a household's dossier. */

import { daysBetween } from './clock'
import type { StepKey } from './payment'

export interface DossierEvent {
  kind: string
  at: string
}

/** The step that begins with a record of this kind. Of several records the last one counts. */
const BEGUN_BY: Record<string, StepKey | undefined> = {
  'application.applied': 'cooling_off',
  'application.reviewed': 'notice',
  'application.determined': 'county_approval',
  'application.approved': 'reclamation',
  'entry.reclamation': 'issue',
  'entry.issue': 'hand_in',
  'ticket.handed_in': 'listing',
  'lot.listed': 'auction',
  'lot.defaulted': 'listing',
  'entry.settlement': 'credited',
}

/** Days from the hammer to the account, begun days counting; null while the money is not there. */
export function daysFromHammer(steps: readonly { key: StepKey; since: string | null }[]): number | null {
  const began = (key: StepKey) => steps.find((step) => step.key === key)?.since ?? null
  const [hammer, credited] = [began('payment'), began('credited')]
  return hammer === null || credited === null ? null : daysBetween(hammer, credited)
}

/** What a lot's close leads to: the payment if it was sold, else the ticket waits for another lot. */
const RESULTS = ['lot.closed', 'lot.decided']

export function enteredSteps(events: readonly DossierEvent[], ticketState?: string): Partial<Record<StepKey, string>> {
  const entered: Partial<Record<StepKey, string>> = {}
  for (const { kind, at } of events) {
    const step = RESULTS.includes(kind) ? afterClose(ticketState) : BEGUN_BY[kind]
    if (step) entered[step] = at
  }
  return entered
}

function afterClose(ticketState?: string): StepKey {
  return ticketState === 'sold' || ticketState === 'settled' ? 'payment' : 'listing'
}
