/** Coefficients between provinces by date. */

export interface Coefficient {
  from: string
  to: string
  approved_by: string | null
  /** Days of Beijing, the first and the last on which it counts. */
  valid_from: string
  valid_to: string
}

/** The approved coefficients that count on a day such as `2026-04-13`, by their provinces. */
export function coefficientsOn<C extends Coefficient>(coefficients: readonly C[], day: string): C[] {
  return coefficients
    .filter((one) => one.approved_by !== null && one.valid_from <= day && day <= one.valid_to)
    .sort((a, b) => (a.from + a.to < b.from + b.to ? -1 : 1))
}
