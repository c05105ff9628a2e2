/** Spans of time in whole seconds: the middle one, the longest, and how people read them. */

export interface Span {
  days: number
  hours: number
  minutes: number
  seconds: number
}

export function span(total: number): Span {
  const whole = Math.max(0, Math.trunc(total))
  return {
    days: Math.floor(whole / 86_400),
    hours: Math.floor((whole % 86_400) / 3600),
    minutes: Math.floor((whole % 3600) / 60),
    seconds: whole % 60,
  }
}

/** The middle one; of two in the middle the whole second between them, rounded down. */
export function median(values: readonly number[]): number | undefined {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const [below, above] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]]
  return below === undefined || above === undefined ? undefined : Math.floor((below + above) / 2)
}

export function longest(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((most, one) => Math.max(most, one))
}

/** Whole seconds from one instant to another. */
export function secondsBetween(from: string, to: string): number {
  return Math.floor((Date.parse(to) - Date.parse(from)) / 1000)
}
