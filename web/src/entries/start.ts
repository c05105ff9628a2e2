/** Starts an entry: styles, session, router, the page itself. */

import '../styles/tokens.css'
import '../styles/base.css'
import '../styles/print.css'

import { createApp } from 'vue'

import { sessionReady, useSession, type SessionState } from '../api'
import EntryShell from '../components/EntryShell.vue'
import type { Entry } from '../pages/entries'
import { routerOf, sectionsOf } from '../pages/section'

interface Options {
  wide?: boolean
  elders?: boolean
}

export async function start(entry: Entry, found: Record<string, unknown>, options: Options = {}): Promise<void> {
  const sections = sectionsOf(found)
  const { session, state } = useSession()
  try {
    await sessionReady()
  } catch {
    // Offline: the frame says so, and every view asks again when the network is back.
  }
  const way = entry === 'index' ? undefined : wayOut(state.value, session.value?.one_time_password === true)
  if (way !== undefined) {
    location.replace(`./index.html#${way}`)
    return
  }
  const router = routerOf(sections, () => session.value?.role, () => import('../pages/NowhereView.vue'))
  createApp(EntryShell, { sections, entry, ...options }).use(router).mount('#app')
}

/** Where somebody has to go first. */
function wayOut(state: SessionState, oneTime: boolean): string | undefined {
  if (state === 'out') return '/sign-in'
  return oneTime ? '/password' : undefined
}
