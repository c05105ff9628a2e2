/**
 * What somebody meant to do and does not yet know the outcome of. Key and body are kept in the
 * browser, so that a refresh or another tab asks for the same thing and not for a second one.
 * Nothing personal and no sealed price may go here.
 */

import { isObject } from '../base/canonical'

export interface Intent {
  key: string
  path: string
  body: unknown
}

const PREFIX = 'hrt.intent.'

export function recallIntent(scope: string): Intent | undefined {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(PREFIX + scope) ?? 'null')
    if (isObject(kept) && typeof kept.key === 'string' && typeof kept.path === 'string') {
      return kept as unknown as Intent
    }
  } catch {
    // Unreadable or forbidden: as if nothing had been kept.
  }
  return undefined
}

export function keepIntent(scope: string, intent: Intent): void {
  try {
    localStorage.setItem(PREFIX + scope, JSON.stringify(intent))
  } catch {
    // A private window may forbid it; the key then lives as long as the page.
  }
}

/** Forget it, if it is still that one: another tab may have gone on to the next. */
export function dropIntent(scope: string, key: string): void {
  try {
    if (recallIntent(scope)?.key === key) localStorage.removeItem(PREFIX + scope)
  } catch {
    // As above.
  }
}

/** All that is kept of a person goes when that person leaves. */
export function dropAllIntents(): void {
  try {
    for (const name of Object.keys(localStorage)) if (name.startsWith(PREFIX)) localStorage.removeItem(name)
  } catch {
    // As above.
  }
}

/** One tab after the other, where the browser can hold tabs apart. */
export function alone<T>(scope: string, work: () => Promise<T>): Promise<T> {
  const locks = (navigator as { locks?: LockManager }).locks
  return locks ? (locks.request(PREFIX + scope, work) as Promise<T>) : work()
}
