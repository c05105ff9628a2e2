/** The firm's own affairs: its bid limit, and its bids that wait for a second person. */

import { watch } from 'vue'

import { all, get, newKey, useCommand, type Out } from '@/api'
import type { Wire } from '@/market'
import { stillOpen, type Proposal } from './proposals'

/** How often the room asks for proposals: the feed of a lot is everybody's and tells nothing of them. */
export const ASK_SECONDS = 4

export interface Firm {
  /** The price above which one person may not bid alone; null without. */
  limit: Wire | null
  /** Bids that wait for a second person. */
  waiting: Proposal[]
}

export function firmLimits(signal?: AbortSignal): Promise<Out<'LimitsOut'>> {
  return get('/v1/bid-limits/current', signal ? { signal } : {})
}

export async function ownFirm(signal?: AbortSignal): Promise<Firm> {
  const [limits, proposals] = await Promise.all([
    firmLimits(signal),
    all('/v1/bid-proposals', { query: { undecided: true } }, signal),
  ])
  return { limit: limits.in_force?.limit_cny ?? null, waiting: stillOpen(proposals) }
}

/** Propose bids on a lot; amounts are kept nowhere in the browser. `waiting`: one is undecided. */
export function useProposing(lot: string, waiting: () => boolean) {
  const command = useCommand('/v1/bid-proposals')
  // Made or declined by now: that it was proposed says nothing any more.
  watch(waiting, (now) => {
    if (!now && command.state.value === 'done') command.reset()
  })
  const propose = (kind: 'bid' | 'maximum', price: Wire) => command.run({ id: newKey(), lot, kind, price_cny: price })
  return { command, propose }
}
