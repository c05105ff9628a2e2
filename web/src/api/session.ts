/** Who is signed in, for which party, in which role: one for all parts of a page. */

import { readonly, shallowRef, type ShallowRef } from 'vue'

import { newKey, onSignedOut, post, read, setCsrf } from './http'
import { dropAllIntents } from './intents'
import { ApiProblem } from './problems'
import type { Out } from './types'

export type Role = Out<'Role'>

/** A role in which a person may act, and for whom. */
export interface Acting {
  role: Role
  party: string
}

/** As every answer about the present session is. */
export interface Session extends Acting {
  /** Goes along with every command, in proof that this page sent it. */
  csrf: string
  /** A pseudonym. */
  person: string
  roles: Acting[]
}

/** `unknown` until the server was asked, and while it cannot be. */
export type SessionState = 'unknown' | 'out' | 'in'

const session: ShallowRef<Session | null> = shallowRef(null)
const state = shallowRef<SessionState>('unknown')
let asked: Promise<void> | undefined

function take(current: Session | null): void {
  session.value = current
  state.value = current === null ? 'out' : 'in'
  setCsrf(current?.csrf ?? '')
}

onSignedOut(() => take(null))

async function ask(): Promise<void> {
  try {
    take((await read('/v1/sessions/current')) as Session)
  } catch (error) {
    if (error instanceof ApiProblem && error.status < 500) return take(null)
    // Offline: not known to be out, so whoever asks next tries again.
    asked = undefined
    throw error
  }
}

/** Ask the server once for the whole page. Throws `Unreachable` when it cannot be asked. */
export function sessionReady(): Promise<void> {
  return (asked ??= ask())
}

async function signIn(login: string, password: string): Promise<void> {
  take((await post('/v1/sessions', { login, password }, newKey())) as Session)
}

async function switchTo(acting: Acting): Promise<void> {
  take((await post('/v1/sessions/switch', { role: acting.role, party: acting.party }, newKey())) as Session)
}

async function end(): Promise<void> {
  await post('/v1/sessions/end', {}, newKey())
  dropAllIntents()
  take(null)
}

export function useSession() {
  return { session: readonly(session) as Readonly<typeof session>, state: readonly(state), signIn, switchTo, end }
}
