/** A listing or a new notice as it stands in its form, and as the API takes it. */

import { reactive } from 'vue'

import type { Out, Sent } from '@/api'
import { fromBeijing, toBeijing, type ListingDraft } from '@/market'

export type Kind = 'ascending' | 'sealed' | 'custody'

export interface Form {
  id: string
  kind: Kind
  start: string | undefined
  reserve: string | undefined
  increment: string | undefined
  deposit: string | undefined
  opens: string
  closes: string
  seed: string
  /** Public keys by custodian; those that are left empty keep no share. */
  keys: Record<string, string>
  threshold: number
  openingDays: number
}

const THRESHOLD = 2
const OPENING_DAYS = 3

export function emptyForm(): Form {
  return reactive({
    id: '',
    kind: 'ascending',
    start: undefined,
    reserve: undefined,
    increment: undefined,
    deposit: undefined,
    opens: '',
    closes: '',
    seed: '',
    keys: {},
    threshold: THRESHOLD,
    openingDays: OPENING_DAYS,
  })
}

/** The form of a new notice begins with the terms that stand. */
export function formOf(lot: Out<'LotOut'>, terms: Record<string, unknown>): Form {
  const custodians = Array.isArray(terms.custodians) ? (terms.custodians as [string, string][]) : []
  const number = (name: string, otherwise: number) => (typeof terms[name] === 'number' ? terms[name] : otherwise)
  return reactive({
    id: lot.id,
    kind: lot.sealing === 'lqx-seal/1' ? 'custody' : lot.mode,
    start: lot.start_price_cny,
    reserve: undefined,
    increment: lot.increment_cny ?? undefined,
    deposit: lot.deposit_cny,
    opens: toBeijing(lot.opens_at),
    closes: toBeijing(lot.closes_at),
    seed: lot.draw_seed ?? '',
    keys: Object.fromEntries(custodians),
    threshold: number('threshold', THRESHOLD),
    openingDays: number('opening_days', OPENING_DAYS),
  })
}

export function custody(form: Form): { custodian: string; key: string }[] {
  return Object.entries(form.keys)
    .map(([custodian, key]) => ({ custodian, key: key.trim() }))
    .filter(({ key }) => key !== '')
}

export function draftOf(form: Form): ListingDraft {
  return {
    mode: form.kind === 'ascending' ? 'ascending' : 'sealed',
    start: form.start,
    reserve: form.reserve,
    increment: form.increment,
    deposit: form.deposit,
    opens: fromBeijing(form.opens),
    closes: fromBeijing(form.closes),
    drawSeed: form.seed.trim(),
    custody: form.kind === 'custody' ? custody(form) : null,
    threshold: form.threshold,
    openingDays: form.openingDays,
  }
}

function offer(form: Form) {
  const draft = draftOf(form)
  const keys = draft.custody?.map(({ custodian, key }) => ({ custodian, public_key: key }))
  return {
    start_price_cny: draft.start ?? '',
    reserve_price_cny: draft.reserve ?? null,
    increment_cny: draft.mode === 'ascending' ? (draft.increment ?? null) : null,
    deposit_cny: draft.deposit ?? '',
    opens_at: draft.opens ?? '',
    closes_at: draft.closes ?? '',
    draw_seed: draft.drawSeed || null,
    custodians: keys ?? null,
    threshold: keys ? draft.threshold : null,
    opening_days: keys ? draft.openingDays : null,
  }
}

export function lotBody(form: Form, province: string, tickets: readonly string[]): Sent<'/v1/lots'> {
  const mode = form.kind === 'ascending' ? 'ascending' : 'sealed'
  const sealing = form.kind === 'custody' ? 'lqx-seal/1' : form.kind === 'sealed' ? 'none' : null
  return { id: form.id, province, tickets: [...tickets], mode, sealing, ...offer(form) }
}

export function noticeBody(form: Form): Sent<'/v1/notices'> {
  return { lot: form.id, ...offer(form) }
}
