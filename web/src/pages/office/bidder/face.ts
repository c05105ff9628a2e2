/** How a countdown is written: hours, minutes, seconds. Pure. */

import type { Countdown } from '@/market'

const two = (n: number) => String(n).padStart(2, '0')

/** `04:59`, `01:04:59`; days stand before it in words. */
export function clockFace({ days, hours, minutes, seconds }: Countdown): string {
  const short = `${two(minutes)}:${two(seconds)}`
  return days > 0 || hours > 0 ? `${two(hours)}:${short}` : short
}

/** The clock's error as people can use it: `0.04`, `1.2`; null while it is not known. */
export function errorSeconds(error: number): string | null {
  if (!Number.isFinite(error)) return null
  const seconds = Math.ceil(Math.max(error, 10) / 10) / 100
  return seconds < 1 ? seconds.toFixed(2) : (Math.ceil(seconds * 10) / 10).toFixed(1)
}

const BEIJING_MS = 8 * 60 * 60 * 1000

/** An instant for narrow columns, by the clock of Beijing: `11-21 10:59:44`. */
export function shortTime(instant: string): string {
  const time = Date.parse(instant)
  return Number.isNaN(time) ? instant : new Date(time + BEIJING_MS).toISOString().slice(5, 19).replace('T', ' ')
}
