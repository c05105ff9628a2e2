/** Where things are in this section, and how often lists are read again. */

import type { wayInto } from './lots'

export const EVERY_SECONDS = 15

export function wayTo(lot: string, way: ReturnType<typeof wayInto>): string {
  return way === 'watch' ? `/bidder/lots/${lot}` : `/bidder/lots/${lot}/${way}`
}
