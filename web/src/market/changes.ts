/** What differs between two versions of a province's parameters. */

export type ParameterValue = string | number | boolean | null | readonly (readonly [string, number])[]

export interface Change<Key extends string> {
  key: Key
  before: ParameterValue | undefined
  after: ParameterValue
  changed: boolean
}

/** Every parameter of the newer version beside the older one's; those that changed come first. */
export function parameterChanges<P extends object>(before: P | undefined, after: P): Change<Extract<keyof P, string>>[] {
  const keys = Object.keys(after) as Extract<keyof P, string>[]
  const rows = keys.map((key) => {
    const [old, now] = [before?.[key] as ParameterValue | undefined, after[key] as ParameterValue]
    return { key, before: old, after: now, changed: before !== undefined && JSON.stringify(old) !== JSON.stringify(now) }
  })
  return [...rows.filter(({ changed }) => changed), ...rows.filter(({ changed }) => !changed)]
}

export interface DatedVersion {
  id: string
  province: string
  valid_from: string
  approved_by: string | null
}

/** The approved version of the province that this one follows or would follow. */
export function versionBefore<V extends DatedVersion>(versions: readonly V[], version: V): V | undefined {
  const from = Date.parse(version.valid_from)
  return versions
    .filter((one) => one.id !== version.id && one.province === version.province && one.approved_by !== null && Date.parse(one.valid_from) <= from)
    .sort((a, b) => Date.parse(a.valid_from) - Date.parse(b.valid_from) || (a.id < b.id ? -1 : 1))
    .at(-1)
}
