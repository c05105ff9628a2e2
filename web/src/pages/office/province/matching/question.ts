/** The question that is put to the solver, as the form holds it and as the API takes it. */

export interface StatedNeed {
  village: string
  area: string
}

export interface Question {
  provinces: string[]
  percent: number
  least: string
  needs: StatedNeed[]
}

/** The query of `GET /v1/matching`. */
export function queryOf({ provinces, percent, least, needs }: Question) {
  return {
    province: provinces,
    retained_percent: percent,
    retained_m2: least,
    need: needs.map(({ village, area }) => `${village}:${area}`),
  }
}
