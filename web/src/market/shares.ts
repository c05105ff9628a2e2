/** Sharing an amount by weights, as the node does: to the fen, nothing lost, nothing made. */

import { hundredths, toWire, type Wire } from './amounts'

/**
 * Floors, then one unit each to the largest remainders; equal ones in the order given by
 * `ties` (a smaller number first). Weights are whole, not negative, and not all zero.
 */
export function largestRemainder(total: bigint, weights: readonly bigint[], ties: readonly number[]): bigint[] {
  const all = weights.reduce((sum, weight) => sum + weight, 0n)
  if (total < 0n || all <= 0n) throw new Error('sharing needs a total and a weight above zero')
  const parts = weights.map((weight) => (total * weight) / all)
  const left = total - parts.reduce((sum, part) => sum + part, 0n)
  const order = weights
    .map((weight, i) => ({ i, rest: (total * weight) % all }))
    .sort((a, b) => (a.rest === b.rest ? ties[a.i]! - ties[b.i]! : a.rest > b.rest ? -1 : 1))
  for (const { i } of order.slice(0, Number(left))) parts[i]! += 1n
  return parts
}

export interface TicketCosts {
  id: string
  area: Wire
  /** Reclamation and financing together. */
  costs: Wire
}

export interface Projected {
  id: string
  share: Wire
  /** The share less the costs; below zero where a price does not carry them. */
  net: Wire
  /** The net by party; empty when there is nothing to share. */
  parties: { party: string; amount: Wire }[]
}

/** What each ticket of a lot would bring at a price: by area, costs first, the net by the weights. */
export function projected(
  price: Wire,
  tickets: readonly TicketCosts[],
  split: readonly (readonly [string, number])[],
): Projected[] {
  const sorted = [...tickets].sort((a, b) => (a.id < b.id ? -1 : 1))
  const areas = sorted.map(({ area }) => hundredths(area))
  const shares = largestRemainder(hundredths(price), areas, sorted.map((_, i) => i))
  return sorted.map(({ id, costs }, i) => {
    const net = shares[i]! - hundredths(costs)
    return { id, share: toWire(shares[i]!), net: toWire(net), parties: net >= 0n ? byWeight(net, split) : [] }
  })
}

/** A net over the parties of a split; the fen left over goes to the later party. */
function byWeight(net: bigint, split: readonly (readonly [string, number])[]): Projected['parties'] {
  const amounts = largestRemainder(
    net,
    split.map(([, weight]) => BigInt(weight)),
    split.map((_, i) => -i),
  )
  return split.map(([party], i) => ({ party, amount: toWire(amounts[i]!) }))
}

/** The costs of all tickets together; the start price of a lot may not lie below. */
export function costFloor(tickets: readonly TicketCosts[]): Wire {
  return toWire(tickets.reduce((sum, { costs }) => sum + hundredths(costs), 0n))
}
