/** Types and readings of coefficients and policies. */

import type { Out } from '@/api'
import { inForce, type ParameterValue } from '@/market'

export type Coefficient = Out<'CoefficientOut'>
export type Policy = Out<'PolicyOut'>
export type Parameters = Out<'ParametersOut'>

export type PolicyStanding = 'proposed' | 'coming' | 'now' | 'over'

export function policyStanding(policy: Policy, all: readonly Policy[], now: number): PolicyStanding {
  if (policy.approved_by === null) return 'proposed'
  if (Date.parse(policy.valid_from) > now) return 'coming'
  return inForce(all, policy.province, now)?.id === policy.id ? 'now' : 'over'
}

export interface ValueTexts {
  empty: string
  yes: string
  no: string
  values: Record<string, string>
  party: Record<string, string>
}

/** A parameter as people read it. */
export function shownValue(value: ParameterValue | undefined, t: ValueTexts): string {
  if (value === null || value === undefined) return t.empty
  if (typeof value === 'boolean') return value ? t.yes : t.no
  if (typeof value === 'object') return value.map(([party, weight]) => `${t.party[party] ?? party} ${weight}`).join(' : ')
  return t.values[String(value)] ?? String(value)
}
