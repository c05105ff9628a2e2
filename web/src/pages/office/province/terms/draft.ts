/** The form of a policy version: texts as they are typed, and the body that they make. */

import type { Out, Sent } from '@/api'
import { fromBeijing, typedAmount, typedArea } from '@/market'
import type { Parameters } from './data'

export const PARTIES: Out<'Party'>[] = ['county', 'township', 'village_committee', 'collective', 'villager']
export const WHOLES: string[] = ['cooling_off_days', 'notice_days', 'min_work_years', 'auction_notice_days', 'extension_seconds', 'min_bidders', 'payment_days', 'option_years']
export const SHARES: string[] = ['subsidy_pool_share', 'fee_offset_share']
export const AMOUNTS: string[] = ['homestead_cap_m2', 'subsidy_rate_cny', 'low_interest_loan_cap_cny']
export const CHOICES = { sealed_tie: ['earliest', 'draw'], subsidy_basis: ['head', 'area'] } as const

export interface PolicyForm {
  id: string
  from: string
  split: Record<string, string>
  text: Record<string, string>
  choice: { sealed_tie: Out<'SealedTie'>; subsidy_basis: Out<'SubsidyBasis'> }
  ecological: boolean
}

/** The form with the parameters in force; empty fields where none are. */
export function formOf(current: Parameters | undefined): PolicyForm {
  const weights = new Map<string, number>(current?.split ?? [])
  const values = (current ?? {}) as Record<string, unknown>
  const text = (key: string) => (values[key] === null || values[key] === undefined ? '' : String(values[key]))
  return {
    id: '',
    from: '',
    split: Object.fromEntries(PARTIES.map((party) => [party, weights.get(party)?.toString() ?? ''])),
    text: Object.fromEntries([...WHOLES, ...SHARES, ...AMOUNTS].map((key) => [key, text(key)])),
    choice: { sealed_tie: current?.sealed_tie ?? 'earliest', subsidy_basis: current?.subsidy_basis ?? 'head' },
    ecological: current?.ecological_quota ?? false,
  }
}

const WHOLE = /^(?:0|[1-9][0-9]{0,8})$/
const WEIGHT = /^[1-9][0-9]{0,8}$/
const SHARE = /^(?:0(?:\.[0-9]{1,2})?|1(?:\.0{1,2})?)$/

/** The keys of the fields that cannot be sent as they stand. An empty field takes the default. */
export function wrongIn({ split, text }: PolicyForm): string[] {
  const filled = (key: string) => (text[key] ?? '') !== ''
  const isAmount = (key: string) => (key === 'homestead_cap_m2' ? typedArea : typedAmount)(text[key] ?? '') !== undefined
  return [
    ...PARTIES.filter((party) => (party === 'villager' || split[party] !== '') && !WEIGHT.test(split[party] ?? '')).map((party) => `split.${party}`),
    ...WHOLES.filter((key) => filled(key) && !WHOLE.test(text[key] ?? '')),
    ...SHARES.filter((key) => filled(key) && !SHARE.test(text[key] ?? '')),
    ...AMOUNTS.filter((key) => filled(key) && !isAmount(key)),
  ]
}

/** The body of a form without faults. */
export function bodyOf(form: PolicyForm, province: string): Sent<'/v1/policies'> {
  const { text } = form
  const filled = (keys: readonly string[]) => keys.filter((key) => (text[key] ?? '') !== '')
  const parameters = {
    split: PARTIES.filter((party) => form.split[party] !== '').map((party): [Out<'Party'>, number] => [party, Number(form.split[party])]),
    ...Object.fromEntries(filled(WHOLES).map((key) => [key, Number(text[key])])),
    ...Object.fromEntries(filled(SHARES).map((key) => [key, twoPlaces(text[key] ?? '')])),
    ...Object.fromEntries(filled(AMOUNTS).map((key) => [key, key === 'homestead_cap_m2' ? typedArea(text[key] ?? '') : typedAmount(text[key] ?? '')])),
    ...form.choice,
    ecological_quota: form.ecological,
  }
  return { id: form.id, province, valid_from: fromBeijing(form.from), parameters } as Sent<'/v1/policies'>
}

/** `0.1` as `0.10`, `1` as `1.00`. */
function twoPlaces(share: string): string {
  const [whole = '', places = ''] = share.split('.')
  return `${whole}.${places.padEnd(2, '0')}`
}
