/** The promise inside every receipt: one line of canonical JSON, signed by `<log>/receipts`. */

import { hex, utf8 } from '../base/bytes'
import { canonical, isObject, type Json } from '../base/canonical'
import { leafHash } from '../log/merkle'

const VERSION = 'hrt-receipt/1'
const HASH = /^[0-9a-f]{64}$/
const FORMS: Record<string, RegExp> = {
  at: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/,
  code: /^[a-z0-9]+(-[a-z0-9]+)*$/,
  entry: /^[^]*$/,
  id: /^[0-9a-f]{32}$/,
  leaf: HASH,
  log: /^[^\s+]+$/,
  operation: /^[A-Z]+ \/[\x21-\x7e]*$/,
  request: HASH,
}
const FIELDS = [...Object.keys(FORMS), 'status', 'v'].sort()

export class ReceiptError extends Error {}

export interface Promised {
  id: string
  /** The origin of the log that will hold the record. */
  log: string
  /** Hex of the record's leaf hash. */
  leaf: string
  /** The record's canonical JSON. */
  entry: string
  at: string
  operation: string
  status: number
  /** The refusal's code; null when the command was accepted. */
  code: string | null
  /** Hex SHA-256 of the request's JSON value. */
  request: string
}

/** Reads the text of a promise's note; its leaf is the entry's hash then. Throws `ReceiptError`. */
export function parsePromise(text: string): Promised {
  const line = text.slice(0, -1)
  let fields: unknown
  try {
    fields = JSON.parse(line)
  } catch {
    throw new ReceiptError('the promise is not JSON')
  }
  if (!isObject(fields) || Object.keys(fields).sort().join() !== FIELDS.join() || fields.v !== VERSION) {
    throw new ReceiptError(`the promise is not of the form ${VERSION}`)
  }
  for (const [name, form] of Object.entries(FORMS)) {
    const value = fields[name]
    if (name === 'code' && value === null) continue
    if (typeof value !== 'string' || !form.test(value)) throw new ReceiptError(`its ${name} is malformed`)
  }
  const { status } = fields
  if (typeof status !== 'number' || status < 200 || status > 499) {
    throw new ReceiptError('its status is not that of an answer')
  }
  const promised = fields as unknown as Promised
  checkEntry(promised, fields, line)
  return promised
}

function checkEntry(promised: Promised, fields: Json, line: string): void {
  let spelling: string | undefined
  try {
    spelling = canonical(fields)
  } catch {
    spelling = undefined
  }
  if (spelling !== line) throw new ReceiptError('the promise is not in canonical form')
  const leaf = hex(leafHash(utf8(promised.entry)))
  if (leaf !== promised.leaf) {
    throw new ReceiptError(`it promises the leaf ${promised.leaf}, its record hashes to ${leaf}`)
  }
  recordOf(promised)
}

/** The record that is promised. Throws `ReceiptError`. */
export function recordOf(promised: Promised): Record<string, Json> {
  let record: unknown
  try {
    record = JSON.parse(promised.entry)
  } catch {
    record = undefined
  }
  if (!isObject(record)) throw new ReceiptError('the entry is not a record')
  return record
}
