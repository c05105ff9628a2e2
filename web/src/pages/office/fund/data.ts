/** What the funds' pages read: own accounts of the ledger, housing accounts, the policy in force. */

import { all, get, type Out } from '@/api'
import { presentPolicy } from '../exchange/bundle'

export type Account = Out<'HousingAccountOut'>

/** The province of a region code: `430923` lies in `430000`. */
export function provinceOf(region: string): string {
  return `${region.slice(0, 2)}0000`
}

export async function policyOf(region: string, signal: AbortSignal): Promise<Out<'ParametersOut'> | undefined> {
  const [policies, { server_time: now }] = await Promise.all([all('/v1/policies', undefined, signal), get('/v1/time', { signal })])
  return presentPolicy(policies, provinceOf(region), now)?.parameters
}
