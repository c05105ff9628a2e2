/** The entries of the client, each a page of its own, and which role is at home in which. */

import type { Role } from '../api'

export type Entry = 'index' | 'villager' | 'office'

export function homeOf(role: Role): Entry {
  return role === 'villager' ? 'villager' : 'office'
}

export function goTo(entry: Entry): void {
  location.assign(`./${entry}.html`)
}
