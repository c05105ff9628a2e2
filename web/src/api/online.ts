/** Whether the network is there, and the two moments at which what is shown may have become old. */

import { onScopeDispose, readonly, ref } from 'vue'

const here = ref(navigator.onLine)
addEventListener('online', () => (here.value = true))
addEventListener('offline', () => (here.value = false))

/** False when the device knows that it has no network; true proves nothing. */
export const online = readonly(here)

/** Call back when the network has come back, and when the page is looked at again. */
export function onReturn(back: () => void): void {
  const seen = () => {
    if (!document.hidden) back()
  }
  addEventListener('online', back)
  document.addEventListener('visibilitychange', seen)
  onScopeDispose(() => {
    removeEventListener('online', back)
    document.removeEventListener('visibilitychange', seen)
  })
}
