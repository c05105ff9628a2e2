/** Weights of a split as people read them. */

import { percent, toWire } from '@/market'

export function percentOf(part: { weight: number }, all: readonly { weight: number }[]): string {
  const wire = (weight: number) => toWire(BigInt(weight) * 100n)
  return percent(wire(part.weight), wire(all.reduce((sum, { weight }) => sum + weight, 0))) ?? '–'
}
