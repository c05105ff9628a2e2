/** Who is signed in, for which party, in which role: one for all parts of a page. */

import { readonly, shallowRef, type ShallowRef } from 'vue'

import { get, newKey, onSignedOut, onStale, send, setCsrf } from './http'
import { dropAllIntents } from './intents'
import { ApiProblem } from './problems'
import type { Out } from './types'

export type Role = Out<'Role'>
export type Acting = Out<'ActingOut'>
export type Session = Out<'SessionOut'>

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
onStale(() => void ask().catch(() => undefined))

// Another tab may have changed the role, and the cookie is the same for all of them.
document.addEventListener('visibilitychange', () => {
  if (!document.hidden && session.value !== null) void ask().catch(() => undefined)
})

async function ask(): Promise<void> {
  try {
    take(await get('/v1/sessions/current'))
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
  take(await send('/v1/sessions', { login, password }, newKey()))
}

async function switchTo(acting: Acting): Promise<void> {
  take(await send('/v1/sessions/switch', { role: acting.role, party: acting.party }, newKey()))
}

async function end(): Promise<void> {
  await send('/v1/sessions/end', {}, newKey())
  dropAllIntents()
  take(null)
}

/** Set one's own password; after a one-time password nothing else is taken. */
async function setPassword(old: string, chosen: string): Promise<void> {
  take(await send('/v1/passwords', { old, new: chosen }, newKey()))
}

export function useSession() {
  return {
    session: readonly(session) as Readonly<typeof session>,
    state: readonly(state),
    signIn,
    switchTo,
    setPassword,
    end,
  }
}
