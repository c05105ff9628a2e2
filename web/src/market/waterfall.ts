/** An explanation as bars that start where the one before ended, down to the amount explained. */

import { hundredths, toWire, type Wire } from './amounts'

export interface Bar {
  /** The signed amount of the line. */
  amount: Wire
  /** The sum before and after it. */
  from: Wire
  to: Wire
  /** Where the bar is drawn, in ten-thousandths of the width. */
  left: number
  width: number
  falls: boolean
}

export interface Waterfall {
  bars: Bar[]
  total: Wire
  /** Where zero and the total lie, in ten-thousandths of the width. */
  zero: number
  end: number
}

const WIDTH = 10_000n

/** Bars of signed lines. The scale holds every sum on the way, and zero. */
export function waterfall(lines: readonly { amount: Wire }[]): Waterfall {
  const sums = [0n]
  for (const { amount } of lines) sums.push(sums.at(-1)! + hundredths(amount))
  const low = sums.reduce((a, b) => (b < a ? b : a))
  const span = sums.reduce((a, b) => (b > a ? b : a)) - low || 1n
  const place = (sum: bigint) => Number(((sum - low) * WIDTH) / span)
  const bars = lines.map(({ amount }, i) => {
    const [from, to] = [sums[i]!, sums[i + 1]!]
    const [start, end] = from < to ? [place(from), place(to)] : [place(to), place(from)]
    return { amount, from: toWire(from), to: toWire(to), left: start, width: end - start, falls: to < from }
  })
  const total = sums.at(-1)!
  return { bars, total: toWire(total), zero: place(0n), end: place(total) }
}
