/** The terms of a listing before they are sent: dates by Beijing's clock, and what is still wrong. */

import { compare, hundredths, type Wire } from './amounts'
import { coversCosts } from './bundle'
import type { TicketCosts } from './shares'
import { plusDays } from './clock'

const LOCAL = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?$/
const ZONE_HOURS = 8
const HOUR = 60 * 60 * 1000
const MINUTE = 60 * 1000

/** What `<input type="datetime-local">` gives, read as Beijing time; undefined while incomplete. */
export function fromBeijing(local: string): string | undefined {
  if (!LOCAL.test(local)) return undefined
  const full = local.length === 16 ? `${local}:00` : local
  const instant = `${full}+08:00`
  return Number.isNaN(Date.parse(instant)) ? undefined : instant
}

/** An instant as that input takes it, by Beijing's clock, to the minute above. */
export function toBeijing(instant: string): string {
  const shifted = Math.ceil(Date.parse(instant) / MINUTE) * MINUTE + ZONE_HOURS * HOUR
  return new Date(shifted).toISOString().slice(0, 16)
}

export interface ListingDraft {
  mode: string
  start: Wire | undefined
  reserve: Wire | undefined
  increment: Wire | undefined
  deposit: Wire | undefined
  opens: string | undefined
  closes: string | undefined
  drawSeed: string
  custody: { custodian: string; key: string }[] | null
  threshold: number
  openingDays: number
}

export interface ListingRules {
  noticeDays: number
  sealedTie: string
}

export type ListingFault =
  | 'no-tickets'
  | 'start-missing'
  | 'start-below-costs'
  | 'reserve-below-start'
  | 'increment-missing'
  | 'deposit-missing'
  | 'opens-missing'
  | 'notice-too-short'
  | 'closes-missing'
  | 'closes-before-opening'
  | 'seed-missing'
  | 'custodians-missing'
  | 'key-malformed'
  | 'custodian-twice'
  | 'threshold'
  | 'opening-days'

/** The earliest instant at which bidding may open for a notice that is given now. */
export function earliestOpening(now: number, noticeDays: number): string {
  return plusDays(new Date(now).toISOString(), noticeDays)
}

const SLACK = 15 * MINUTE

/** A full hour that is still long enough away once a form is filled in and checked. */
export function safeOpening(now: number, noticeDays: number): string {
  const least = Date.parse(earliestOpening(now, noticeDays)) + SLACK
  return new Date(Math.ceil(least / HOUR) * HOUR).toISOString()
}

/** Everything that stands against a listing, in the order of the form. */
export function listingFaults(draft: ListingDraft, tickets: readonly TicketCosts[], rules: ListingRules, now: number): ListingFault[] {
  const faults: ListingFault[] = []
  const add = (fault: ListingFault, is: boolean) => void (is && faults.push(fault))
  add('no-tickets', tickets.length === 0)
  if (draft.start === undefined || hundredths(draft.start) === 0n) faults.push('start-missing')
  else add('start-below-costs', !coversCosts(draft.start, tickets))
  add('reserve-below-start', draft.reserve !== undefined && draft.start !== undefined && compare(draft.reserve, draft.start) < 0)
  add('increment-missing', draft.mode === 'ascending' && (draft.increment === undefined || hundredths(draft.increment) === 0n))
  add('deposit-missing', draft.deposit === undefined)
  if (draft.opens === undefined) faults.push('opens-missing')
  else add('notice-too-short', Date.parse(draft.opens) < Date.parse(earliestOpening(now, rules.noticeDays)))
  if (draft.closes === undefined) faults.push('closes-missing')
  else add('closes-before-opening', draft.opens !== undefined && Date.parse(draft.closes) <= Date.parse(draft.opens))
  add('seed-missing', draft.mode === 'sealed' && rules.sealedTie === 'draw' && draft.drawSeed === '')
  return draft.mode === 'sealed' && draft.custody !== null ? [...faults, ...custodyFaults(draft, draft.custody)] : faults
}

const KEY = /^[A-Za-z0-9+/]{43}=$/
const CUSTODIANS_MAX = 16

function custodyFaults({ threshold, openingDays }: ListingDraft, custody: readonly { custodian: string; key: string }[]): ListingFault[] {
  const faults: ListingFault[] = []
  if (custody.length === 0 || custody.length > CUSTODIANS_MAX) faults.push('custodians-missing')
  if (custody.some(({ key }) => !KEY.test(key))) faults.push('key-malformed')
  const twice = (values: string[]) => new Set(values).size < values.length
  if (twice(custody.map((one) => one.custodian)) || twice(custody.map((one) => one.key))) faults.push('custodian-twice')
  if (!Number.isInteger(threshold) || threshold < 1 || threshold > custody.length) faults.push('threshold')
  if (!Number.isInteger(openingDays) || openingDays < 1 || openingDays > 365) faults.push('opening-days')
  return faults
}
