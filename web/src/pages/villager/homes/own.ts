/** What every calculator needs: the account as it is now, the rental, and the policy in force. */

import { all, get, useData, useNow, useSession, type Data, type Out } from '@/api'
import { inForce } from '@/market'

export interface Housing {
  account: Out<'HousingAccountDetailOut'> | null
  /** The active rental. */
  rental: Out<'RentalOut'> | null
  everRented: boolean
  contracts: Out<'ContractOut'>[]
  requests: Out<'RedemptionOut'>[]
  parameters: Out<'ParametersOut'> | null
}

/** Loaded anew when `watch` changes: what was done on the page before has changed the balance. */
export function useHousing(watch?: () => unknown): Data<Housing> {
  const { session } = useSession()
  const { now } = useNow()
  return useData((signal) => load(session.value?.party ?? '', () => now.value, signal), watch ? { watch } : {})
}

async function load(household: string, now: () => number, signal: AbortSignal): Promise<Housing> {
  const dossier = await get('/v1/households/{household}/dossier', { path: { household }, signal })
  const ticket = dossier.original_ticket
  if (ticket === null) return { account: null, rental: null, everRented: false, contracts: [], requests: [], parameters: null }
  const [account, issued, rentals, contracts, requests, policies, clock] = await Promise.all([
    get('/v1/housing-accounts/{household}', { path: { household }, signal }),
    get('/v1/tickets/{ticket}', { path: { ticket }, signal }),
    all('/v1/rentals', {}, signal),
    all('/v1/contracts', {}, signal),
    all('/v1/redemption-requests', {}, signal),
    all('/v1/policies', {}, signal),
    get('/v1/time', { signal }),
  ])
  // The loan's cap is that of home, wherever the account is now.
  const version = inForce(policies, issued.home_province, now() || Date.parse(clock.server_time))
  return {
    account,
    rental: rentals.find(({ ended_at }) => ended_at === null) ?? null,
    everRented: rentals.length > 0,
    contracts,
    requests,
    parameters: version?.parameters ?? null,
  }
}

/** A use that is judged by an open account. */
export interface Account {
  account: Out<'HousingAccountDetailOut'>
  rental: Out<'RentalOut'> | null
  parameters: Out<'ParametersOut'> | null
}
