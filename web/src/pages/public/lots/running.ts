/** Which lots are not over yet. Pure. */

import type { Lot } from '@/pages/office/bidder/lots'

const RUNNING = ['open', 'frozen', 'listed', 'closed']

export function isRunning({ state }: Pick<Lot, 'state'>): boolean {
  return RUNNING.includes(state)
}

export function running(lots: readonly Lot[]): Lot[] {
  return lots.filter(isRunning)
}
