/** What a dossier says about its application: pure readings of the API's answers. */

import type { Out } from '@/api'
import { enteredSteps, paymentClock, type Matter, type PaymentClock, type PaymentFacts } from '@/market'

export type Application = Out<'ApplicationOut'>
export type Dossier = Out<'DossierOut'>
export type Ticket = Out<'TicketOut'>
export type Lot = Out<'LotOut'>

export interface Whole {
  application: Application
  dossier: Dossier | null
  ticket: Ticket | null
  lot: Lot | null
  payout: Out<'PayoutOut'> | null
  policy: Out<'PolicyOut'> | null
  collective: Out<'CollectiveOut'> | null
}

export function openOf(dossier: Dossier): number {
  return dossier.objections.filter(({ upheld }) => upheld === null).length
}

export function standingHold(dossier: Dossier | null): Out<'DossierHoldOut'> | undefined {
  return dossier?.holds.find(({ outcome }) => outcome === null)
}

/** When the present stage began, or the hold was placed that stops it. */
export function sinceOf(application: Application, dossier: Dossier, ticket: string | null): string {
  const hold = standingHold(dossier)
  if (hold) return hold.placed_at
  const entered = enteredSteps(dossier.events, ticket ?? undefined)
  return Object.values(entered).reduce((last, at) => (at > last ? at : last), application.applied_at)
}

export function matterOf({ application, dossier, ticket }: Whole): Matter {
  return {
    application,
    openObjections: dossier ? openOf(dossier) : null,
    ticket: dossier ? (ticket?.state ?? null) : undefined,
    since: application.applied_at,
  }
}

export function clockOf({ application, dossier, ticket, lot }: Whole, now: number): PaymentClock {
  const facts: PaymentFacts = { application, entered: enteredSteps(dossier?.events ?? [], ticket?.state) }
  const hold = standingHold(dossier)
  if (hold) facts.hold = hold
  if (ticket) facts.ticket = ticket
  if (lot) facts.lot = lot
  return paymentClock(facts, now)
}
