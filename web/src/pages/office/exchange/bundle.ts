/** Tickets as a bundle takes them, and the policy that is in force: pure readings of the API's answers. */

import type { ApiProblem, Out } from '@/api'
import { plus, type BundledTicket } from '@/market'

export type Ticket = Out<'TicketOut'>

/** The tickets for which a bundle was refused: their households say that they did not agree. */
export function heldTickets(problem: ApiProblem | undefined): string[] {
  const named = problem?.code === 'held' ? problem.about?.tickets : undefined
  return Array.isArray(named) ? named.filter((id): id is string => typeof id === 'string') : []
}

/** The version of a province's policy that is in force at an instant. */
export function presentPolicy(policies: readonly Out<'PolicyOut'>[], province: string, now: string): Out<'PolicyOut'> | undefined {
  const begun = (policy: Out<'PolicyOut'>) =>
    policy.province === province && policy.approved_by !== null && Date.parse(policy.valid_from) <= Date.parse(now)
  return policies.filter(begun).sort((a, b) => Date.parse(b.valid_from) - Date.parse(a.valid_from))[0]
}

export function bundled(tickets: readonly Ticket[]): BundledTicket[] {
  return tickets.map((ticket) => ({
    id: ticket.id,
    area: ticket.area_m2,
    costs: plus(ticket.reclamation_cost_cny, ticket.financing_cost_cny),
    home: ticket.home_province,
  }))
}
