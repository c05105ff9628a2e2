/**
 * One request to the API. The session's cookie goes along by itself; what changes something also
 * carries the session's token against forged requests and an Idempotency-Key.
 */

import { Unreachable, problemOf, type ApiProblem } from './problems'
import type { Answer, Asked, GetPath, Made, PostPath, Sent } from './types'

const TIMEOUT_MS = 15_000
const PAUSES_MS = [400, 1200, 3000]

let csrf = ''
let signedOut: () => void = () => undefined
let stale: () => void = () => undefined

/** Call this when the server no longer knows the session. */
export function onSignedOut(call: () => void): void {
  signedOut = call
}

/** The token of the present session; empty without one. */
export function setCsrf(token: string): void {
  csrf = token
}

/** Call this when the session is no longer the one of this page: another tab has changed it. */
export function onStale(call: () => void): void {
  stale = call
}

type Value = string | number | boolean | null | undefined
type Values = Record<string, Value>
/** A query parameter may be given several times. */
type Queries = Record<string, Value | readonly (string | number)[]>

/** The address of a query: path parameters are escaped, missing query parameters left out. */
export function address(path: string, parts: { path?: Values; query?: Queries } = {}): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => escaped(parts.path?.[name]))
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(parts.query ?? {})) {
    for (const one of value instanceof Array ? value : [value]) {
      if (one !== undefined && one !== null && one !== '') query.append(name, String(one))
    }
  }
  const text = query.toString()
  return text ? `${filled}?${text}` : filled
}

function escaped(value: Value): string {
  if (value === undefined || value === null || value === '') throw new Error('a path parameter is missing')
  // Codes of ledger accounts and split tickets contain colons and slashes, which the API expects so.
  return encodeURIComponent(String(value)).replace(/%3A/g, ':').replace(/%2F/g, '/')
}

async function call(url: string, init: RequestInit, signal?: AbortSignal, patience = TIMEOUT_MS): Promise<unknown> {
  const stop = new AbortController()
  const timer = setTimeout(() => stop.abort(), patience)
  const abort = () => stop.abort()
  signal?.addEventListener('abort', abort)
  try {
    const answer = await fetch(url, { ...init, signal: stop.signal, credentials: 'same-origin' })
    if (!answer.ok) throw noticed(await problemOf(answer))
    const json = answer.headers.get('content-type')?.includes('json') === true
    return await (json ? answer.json() : answer.text())
  } catch (error) {
    // Fetch and a cut body fail with these two; anything else has said what it is.
    if (error instanceof TypeError || error instanceof DOMException || error instanceof SyntaxError) {
      throw new Unreachable(error.message)
    }
    throw error
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', abort)
  }
}

/** Not sent again by itself: the person has to see first for whom the page acts now. */
export function noticed(problem: ApiProblem): ApiProblem {
  if (problem.code === 'unauthenticated') signedOut()
  if (problem.code === 'csrf-missing') stale()
  return problem
}

/** Ask. Throws `ApiProblem` or `Unreachable`, the latter after `patience` milliseconds too. */
export async function get<Path extends GetPath>(
  path: Path,
  asked?: Asked<Path> & { signal?: AbortSignal; patience?: number },
): Promise<Answer<Path>> {
  const { signal, patience, ...parts } = (asked ?? {}) as { path?: Values; query?: Queries; signal?: AbortSignal; patience?: number }
  return (await read(address(path, parts), signal, patience)) as Answer<Path>
}

export function read(url: string, signal?: AbortSignal, patience?: number): Promise<unknown> {
  return call(url, { headers: { Accept: 'application/json' } }, signal, patience)
}

/** A new Idempotency-Key: for one intention of a person, however often it is sent. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** Send a command once. Throws `ApiProblem`, or `Unreachable` when nobody knows whether it was done. */
export async function send<Path extends PostPath>(path: Path, body: Sent<Path>, key: string): Promise<Made<Path>> {
  return (await post(path, body, key)) as Made<Path>
}

export function post(path: string, body: unknown, key: string): Promise<unknown> {
  return call(path, { method: 'POST', headers: commandHeaders(key), body: JSON.stringify(body) })
}

/** What goes along with every command. */
export function commandHeaders(key: string): Record<string, string> {
  const headers: Record<string, string> = {
    Accept: 'application/json',
    'Content-Type': 'application/json',
    'Idempotency-Key': key,
  }
  if (csrf) headers['X-CSRF-Token'] = csrf
  return headers
}

/** The bytes of a file that the API answers with. Throws `ApiProblem` or `Unreachable`. */
export async function fetchFile(url: string, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
  try {
    const answer = await fetch(url, { credentials: 'same-origin', ...(signal ? { signal } : {}) })
    if (!answer.ok) throw noticed(await problemOf(answer))
    return new Uint8Array(await answer.arrayBuffer())
  } catch (error) {
    if (error instanceof TypeError || error instanceof DOMException) throw new Unreachable(error.message)
    throw error
  }
}

/** Do it again after short pauses while the failure is one that passes; the last failure is thrown. */
export async function patiently<T>(
  attempt: () => Promise<T>,
  passes: (error: unknown) => boolean,
  pauses: readonly number[] = PAUSES_MS,
): Promise<T> {
  for (const pause of pauses) {
    try {
      return await attempt()
    } catch (error) {
      if (!passes(error)) throw error
      await new Promise((resolve) => setTimeout(resolve, pause))
    }
  }
  return attempt()
}
