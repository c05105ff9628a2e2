/** Numbers that an office gives to what it creates. */

const ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/
const REGION = /^[1-9][0-9]{5}$/
const WHOLE = /^(?:0|[1-9][0-9]{0,5})$/

export function isId(text: string): boolean {
  return ID.test(text)
}

export function isRegion(text: string): boolean {
  return REGION.test(text)
}

/** A whole number that a person typed; undefined for anything else. */
export function whole(text: string | number): number | undefined {
  const plain = String(text).normalize('NFKC').trim()
  return WHOLE.test(plain) ? Number(plain) : undefined
}
