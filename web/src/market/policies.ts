/** Which version of a province's parameters counts at an instant. */

export interface PolicyVersion {
  province: string
  valid_from: string
  approved_by: string | null
}

/** The approved version that came into force last; undefined when none is in force. */
export function inForce<Version extends PolicyVersion>(versions: readonly Version[], province: string, now: number): Version | undefined {
  const begun = versions.filter((one) => one.province === province && one.approved_by !== null && Date.parse(one.valid_from) <= now)
  return begun.sort((a, b) => Date.parse(a.valid_from) - Date.parse(b.valid_from))[begun.length - 1]
}
