/** A record of the log, read for people: what it says, field by field. The form is in the reference. */

import { isObject, type Json } from '../base/canonical'

export interface Posting {
  source: string
  target: string
  /** As amounts and areas are spelled elsewhere: two places. */
  amount: string
  /** What the amount is of: the accounts of land hold m². */
  unit: 'cny' | 'm2'
}

export interface Fact {
  name: string
  /** Texts and numbers as they stand; lists and maps as JSON. */
  value: string
}

export interface LogRecord {
  kind: string
  subject: string
  province: string
  /** A pseudonym, `node`, or null where nobody is named. */
  actor: string | null
  at: string
  policy: string | null
  facts: Fact[]
  postings: Posting[]
}

/** Kinds of accounts that hold land; all others hold money. */
const LAND = [
  'land_opening',
  'homestead',
  'accepted',
  'ticket',
  'certificate',
  'construction',
  'conversion',
  'farmland_opening',
  'cropland',
  'ecological',
  'farmland_made',
  'farmland_taken',
  'off_site_granted',
  'off_site_right',
]

/** Reads an entry of the log; undefined for what is no record. */
export function readRecord(entry: string): LogRecord | undefined {
  let found: unknown
  try {
    found = JSON.parse(entry)
  } catch {
    return undefined
  }
  if (!isObject(found)) return undefined
  const { kind, subject, province, at } = found
  if (typeof kind !== 'string' || typeof subject !== 'string' || typeof province !== 'string' || typeof at !== 'string') {
    return undefined
  }
  const said = found.body ?? found.facts
  return {
    kind,
    subject,
    province,
    at,
    actor: text(found.actor),
    policy: text(found.policy),
    facts: isObject(said) ? Object.entries(said).map(([name, value]) => ({ name, value: plain(value) })) : [],
    postings: Array.isArray(found.postings) ? found.postings.flatMap(posting) : [],
  }
}

/** The fact of that name; undefined where the record does not say it. */
export function factOf({ facts }: LogRecord, name: string): string | undefined {
  return facts.find((fact) => fact.name === name)?.value
}

/** The area that a record puts into a ticket, by its postings; undefined where it does not. */
export function ticketArea({ postings }: LogRecord, ticket: string): string | undefined {
  return postings.find(({ target }) => kindOf(target) === 'ticket' && target.endsWith(`:${ticket}`))?.amount
}

function posting(row: Json): Posting[] {
  if (!Array.isArray(row)) return []
  const [source, target, amount] = row
  if (typeof source !== 'string' || typeof target !== 'string' || typeof amount !== 'string') return []
  return [{ source, target, amount: twoPlaces(amount), unit: LAND.includes(kindOf(source)) ? 'm2' : 'cny' }]
}

/** The kind of a ledger account: what its code begins with. */
export function kindOf(account: string): string {
  return account.split(':')[0]!
}

/** Whole hundredths, as postings spell them, with two places. */
function twoPlaces(hundredths: string): string {
  if (!/^(?:0|[1-9][0-9]*)$/.test(hundredths)) return hundredths
  const digits = hundredths.padStart(3, '0')
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`
}

function plain(value: Json | undefined): string {
  if (typeof value === 'string') return value
  if (value === null || value === undefined) return '–'
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

function text(value: Json | undefined): string | null {
  return typeof value === 'string' ? value : null
}
