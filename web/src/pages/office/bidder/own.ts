/** What concerns the party that is signed in: its registrations, its lots, its money. */

import { computed } from 'vue'

import { all, get, useSession, type Out } from '@/api'
import { limit } from './limit'
import type { Means } from './offer'
import { besides, ownStand, type OwnLot } from './stakes'

/** The part of an account's code that means the whole node and no province. */
const NODE = '000000'

/** The party that acts; empty when nobody does. */
export function useParty() {
  const { session } = useSession()
  return computed(() => session.value?.party ?? '')
}

/** Whether one may do more than look. */
export function useMayAct() {
  const { session } = useSession()
  return computed(() => session.value?.role === 'bidder')
}

export async function ownRegistrations(signal?: AbortSignal): Promise<Map<string, Out<'RegistrationOut'>>> {
  const rows = await all('/v1/registrations', undefined, signal)
  return new Map(rows.map((row) => [row.lot, row]))
}

/** The bidder's own entry in the register, with its cash. */
export async function ownBidder(party: string, signal?: AbortSignal): Promise<Out<'BidderOut'>> {
  const found = (await all('/v1/bidders', undefined, signal)).find(({ id }) => id === party)
  if (found === undefined) throw new Error('the register does not know this bidder')
  return found
}

/** All movements of the bidder's free cash, newest first. */
export function cashMovements(party: string, signal?: AbortSignal): Promise<Out<'MovementOut'>[]> {
  return all('/v1/ledger/accounts/{code}/movements', { path: { code: `bidder_cash:${NODE}:${party}` } }, signal)
}

export function lotOf(lot: string, signal?: AbortSignal): Promise<Out<'LotOut'>> {
  return get('/v1/lots/{lot}', { path: { lot }, ...(signal ? { signal } : {}) })
}

/** Every lot that the bidder takes part in, with its own bid and maximum. */
export async function ownLots(signal?: AbortSignal): Promise<OwnLot[]> {
  const [lots, registrations, limits] = await Promise.all([
    all('/v1/lots', undefined, signal),
    ownRegistrations(signal),
    all('/v1/maximum-bids', undefined, signal),
  ])
  const maxima = new Map(limits.map((one) => [one.lot, one.maximum_cny]))
  const own = lots.filter(({ id }) => registrations.has(id))
  return Promise.all(
    own.map(async (lot) => {
      const { paddle } = registrations.get(lot.id)!
      const bids = await all('/v1/lots/{lot}/bids', { path: { lot: lot.id } }, signal)
      return { lot, paddle, maximum: maxima.get(lot.id) ?? null, ...ownStand(bids, paddle) }
    }),
  )
}

export function meansFor(lots: readonly OwnLot[], cash: string, lot: string): Means {
  return { cash, limit: limit.value, ...besides(lots, lot) }
}

/** The names under which unresolved requests are kept: one party's are never sent for another. */
export const keepFor = {
  bid: (lot: string, party: string) => `bid:${lot}:${party}`,
  maximum: (lot: string, party: string) => `maximum:${lot}:${party}`,
  registration: (lot: string, party: string) => `registration:${lot}:${party}`,
  approval: (party: string) => `approval:${party}`,
  payment: (lot: string, party: string) => `payment:${lot}:${party}`,
}
