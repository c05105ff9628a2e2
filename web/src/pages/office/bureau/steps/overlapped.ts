/** What stands in the way of an outline, out of the refusal that says so. Pure. */

import type { ApiProblem } from '@/api'
import { isObject } from '@/base/canonical'
import type { Position } from '@/market'

export interface Overlapped {
  application: string
  county: string
  label: string
  area: string | undefined
  ring: Position[]
}

export function overlapped(problem: ApiProblem | undefined): Overlapped | undefined {
  if (problem?.code !== 'parcel-overlaps' || !problem.about) return undefined
  const { application, county, parcel } = problem.about
  if (typeof application !== 'string' || typeof county !== 'string' || !isObject(parcel) || !Array.isArray(parcel.ring)) return undefined
  const ring = parcel.ring.filter((at): at is [string, string] => Array.isArray(at) && typeof at[0] === 'string' && typeof at[1] === 'string')
  const area = typeof parcel.area_m2 === 'string' ? parcel.area_m2 : undefined
  return { application, county, label: application, area, ring }
}

export interface Differing {
  outline: string
  registered: string
  tolerance: string
}

/** Both areas and how far they may be apart, all in m². */
export function differing(problem: ApiProblem | undefined): Differing | undefined {
  if (problem?.code !== 'parcel-area-differs' || !problem.about) return undefined
  const { outline_m2: outline, registered_m2: registered, tolerance_m2: tolerance } = problem.about
  if (typeof outline !== 'string' || typeof registered !== 'string' || typeof tolerance !== 'string') return undefined
  return { outline, registered, tolerance }
}
