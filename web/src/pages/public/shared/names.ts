/** Names of provinces and counties, beside their codes. */

import { all, useData } from '@/api'

/** Names by code; the code itself while they are not known. */
export function useRegions() {
  const regions = useData(async (signal) => new Map((await all('/v1/regions', undefined, signal)).map((it) => [it.code, it.name])))
  return (code: string) => regions.value.value?.get(code) ?? code
}
