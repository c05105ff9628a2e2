/** Regions by name: codes stand beside them where they are needed for certainty. */

import { all, useData, type Out } from '@/api'

export type Names = ReadonlyMap<string, string>

export async function regionNames(signal: AbortSignal): Promise<Names> {
  return namesOf(await all('/v1/regions', undefined, signal))
}

export function namesOf(regions: readonly Pick<Out<'RegionOut'>, 'code' | 'name'>[]): Names {
  return new Map(regions.map(({ code, name }) => [code, name]))
}

export function named(names: Names | undefined, code: string): string {
  return names?.get(code) ?? code
}

/** The province of a region code: `430923` lies in `430000`. */
export function provinceOf(region: string): string {
  return `${region.slice(0, 2)}0000`
}

/** Names of regions for a view: by code, and the code itself while they are not known. */
export function useRegions(): (code: string) => string {
  const regions = useData(regionNames)
  return (code) => named(regions.value.value, code)
}
