/** Years of movements. The API answers in Beijing's time, so a year is what an instant begins with. */

/** The years of these instants, the latest first. */
export function yearsBack(instants: readonly string[]): string[] {
  return [...new Set(instants.map((at) => at.slice(0, 4)))].sort().reverse()
}
