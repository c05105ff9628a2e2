/**
 * Bundling tickets into a lot: its area, the least price that carries the costs of every single
 * ticket (R133), and what each would bring at a price.
 */

import { hundredths, toWire, type Wire } from './amounts'
import { costFloor, projected, type Projected, type TicketCosts } from './shares'

export interface BundleTotals {
  count: number
  area: Wire
  costs: Wire
  /** No lower start price is taken; undefined for no tickets. */
  floor: Wire | undefined
}

export function bundleTotals(tickets: readonly TicketCosts[]): BundleTotals {
  return {
    count: tickets.length,
    area: toWire(areaOf(tickets)),
    costs: costFloor(tickets),
    floor: startFloor(tickets),
  }
}

/** The least price at which the share of each ticket covers its own costs; shares go by area. */
export function startFloor(tickets: readonly TicketCosts[]): Wire | undefined {
  const area = areaOf(tickets)
  if (area === 0n) return undefined
  const least = tickets.map((ticket) => {
    const own = hundredths(ticket.area)
    return (hundredths(ticket.costs) * area + own - 1n) / own
  })
  return toWire(least.reduce((most, one) => (one > most ? one : most), 0n))
}

/** Whether each ticket's share of a price covers its costs, compared without rounding. */
export function coversCosts(price: Wire, tickets: readonly TicketCosts[]): boolean {
  const area = areaOf(tickets)
  return tickets.every((ticket) => hundredths(price) * hundredths(ticket.area) >= hundredths(ticket.costs) * area)
}

export interface BundledTicket extends TicketCosts {
  /** The province of the homestead, whose split applies. */
  home: string
}

export type Split = readonly (readonly [string, number])[]

/** What each ticket of a bundle would bring at a price; each net by the split of its own province. */
export function bundleShares(price: Wire, tickets: readonly BundledTicket[], splits: ReadonlyMap<string, Split>): Projected[] {
  const homes = new Map(tickets.map(({ id, home }) => [id, home]))
  const found = new Map<string, Projected>()
  for (const home of new Set(homes.values())) {
    for (const share of projected(price, tickets, splits.get(home) ?? [['villager', 1]])) {
      if (homes.get(share.id) === home) found.set(share.id, share)
    }
  }
  return [...found.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
}

/** The shares of all tickets by party, in the order in which parties first appear. */
export function sumByParty(shares: readonly Projected[]): { party: string; amount: Wire }[] {
  const sums = new Map<string, bigint>()
  for (const { party, amount } of shares.flatMap(({ parties }) => parties)) {
    sums.set(party, (sums.get(party) ?? 0n) + hundredths(amount))
  }
  return [...sums].map(([party, amount]) => ({ party, amount: toWire(amount) }))
}

function areaOf(tickets: readonly TicketCosts[]): bigint {
  return tickets.reduce((sum, { area }) => sum + hundredths(area), 0n)
}
