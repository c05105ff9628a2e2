/** What the exchange reads: tickets that can be bundled, the policy in force, its own lots. */

import { all, type Out } from '@/api'
import type { ListingRules, Split } from '@/market'
import { presentPolicy, type Ticket } from './bundle'

export type Lot = Out<'LotOut'>

export interface Board {
  tickets: Ticket[]
  splits: Map<string, Split>
  rules: ListingRules | undefined
  custodians: Out<'CustodianOut'>[]
  villages: Map<string, string>
  /** Tickets that are issued but not yet handed in. */
  coming: number
}

export async function board(province: string, now: string, signal: AbortSignal): Promise<Board> {
  const [tickets, policies, custodians, collectives] = await Promise.all([
    all('/v1/tickets', undefined, signal),
    all('/v1/policies', undefined, signal),
    all('/v1/custodians', undefined, signal),
    all('/v1/collectives', undefined, signal),
  ])
  const own = tickets.filter((ticket) => ticket.province === province)
  const provinces = new Set(policies.map((policy) => policy.province))
  const inForce = new Map([...provinces].flatMap((code) => {
    const policy = presentPolicy(policies, code, now)
    return policy ? [[code, policy] as const] : []
  }))
  const parameters = inForce.get(province)?.parameters
  return {
    tickets: own.filter(({ state }) => state === 'handed_in'),
    splits: new Map([...inForce].map(([code, policy]) => [code, policy.parameters.split])),
    rules: parameters && { noticeDays: parameters.auction_notice_days, sealedTie: parameters.sealed_tie },
    custodians,
    villages: new Map(collectives.map(({ id, name }) => [id, name])),
    coming: own.filter(({ state }) => state === 'issued').length,
  }
}

export async function ownLots(province: string, signal: AbortSignal): Promise<Lot[]> {
  return (await all('/v1/lots', undefined, signal)).filter((lot) => lot.province === province)
}
