/**
 * Amounts and areas as the API spells them: decimal strings with two places, signed where they are
 * sums or movements. Inside they are whole hundredths as bigint. Every division names its rounding.
 */

const WIRE = /^-?(?:0|[1-9][0-9]*)\.[0-9]{2}$/

/** A decimal string with two places, of yuan or of m². */
export type Wire = string

/** Whole hundredths: fen, or 0.01 m². Throws on anything that is not of the wire's form. */
export function hundredths(wire: Wire): bigint {
  if (!WIRE.test(wire)) throw new Error('not a decimal with two places')
  return BigInt(wire.replace('.', ''))
}

export function toWire(value: bigint): Wire {
  const digits = magnitude(value).toString().padStart(3, '0')
  return `${value < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`
}

export function plus(...amounts: Wire[]): Wire {
  return toWire(amounts.reduce((sum, one) => sum + hundredths(one), 0n))
}

export function minus(from: Wire, amount: Wire): Wire {
  return toWire(hundredths(from) - hundredths(amount))
}

/** Below zero, zero or above, as `sort` wants it. */
export function compare(a: Wire, b: Wire): number {
  const [left, right] = [hundredths(a), hundredths(b)]
  return left < right ? -1 : left > right ? 1 : 0
}

export function least(a: Wire, b: Wire): Wire {
  return compare(a, b) <= 0 ? a : b
}

export function isZero(amount: Wire): boolean {
  return hundredths(amount) === 0n
}

export function isNegative(amount: Wire): boolean {
  return hundredths(amount) < 0n
}

export function negated(amount: Wire): Wire {
  return toWire(-hundredths(amount))
}

/** `-1234567.80` as `−1,234,567.80`, with a true minus sign; `+` in front when asked for. */
export function groupedSigned(amount: Wire, plusSign = false): string {
  const value = hundredths(amount)
  const text = toWire(magnitude(value)).replace(/\B(?=(\d{3})+(?=\.))/g, ',')
  return value < 0n ? `−${text}` : plusSign && value > 0n ? `+${text}` : text
}

/** In units of 万元 to the fen: `66000000.00` is `6,600`, `12345678.90` is `1,234.56789`. Exact. */
export function wan(amount: Wire): string {
  const value = hundredths(amount)
  const all = magnitude(value)
  const whole = (all / 1_000_000n).toString().replace(/\B(?=(\d{3})+$)/g, ',')
  const rest = (all % 1_000_000n).toString().padStart(6, '0').replace(/0+$/, '')
  return `${value < 0n ? '−' : ''}${whole}${rest ? `.${rest}` : ''}`
}

/** a / b for b > 0, to the nearest whole number, halves away from zero. */
export function halfUp(a: bigint, b: bigint): bigint {
  const [all, twice] = [magnitude(a), 2n * b]
  const rounded = (2n * all + b) / twice
  return a < 0n ? -rounded : rounded
}

/** a / b for b > 0, to the whole number below. */
export function floor(a: bigint, b: bigint): bigint {
  return a >= 0n ? a / b : -((-a + b - 1n) / b)
}

/**
 * An area in mu with four places. 15 mu are a hectare, exactly: one mu is 666.67 m² only by
 * rounding. Halves up.
 */
export function mu(area: Wire): string {
  const value = halfUp(hundredths(area) * 3n, 20n)
  const digits = magnitude(value).toString().padStart(5, '0')
  const whole = digits.slice(0, -4).replace(/\B(?=(\d{3})+$)/g, ',')
  return `${value < 0n ? '−' : ''}${whole}.${digits.slice(-4)}`
}

/** Whether `mu` shows the area without rounding. */
export function isWholeMu(area: Wire): boolean {
  return (hundredths(area) * 3n) % 20n === 0n
}

/** The price of one mu in yuan, halves up to the fen; undefined for no area. */
export function perMu(price: Wire, area: Wire): Wire | undefined {
  const land = hundredths(area)
  return land > 0n ? toWire(halfUp(hundredths(price) * 200_000n, land * 3n)) : undefined
}

/** The price of one m² in yuan, halves up to the fen; undefined for no area. */
export function perSquareMetre(price: Wire, area: Wire): Wire | undefined {
  const land = hundredths(area)
  return land > 0n ? toWire(halfUp(hundredths(price) * 100n, land)) : undefined
}

/** An amount per unit times an area (`rent_per_m2_cny`), halves up to the fen, as rents are. */
export function timesArea(rate: Wire, area: Wire): Wire {
  return toWire(halfUp(hundredths(rate) * hundredths(area), 100n))
}

/** `part` of `whole` in percent with two places, toward zero; undefined for an empty whole. */
export function percent(part: Wire, whole: Wire): string | undefined {
  const base = hundredths(whole)
  if (base <= 0n) return undefined
  return groupedSigned(toWire((hundredths(part) * 10_000n) / base))
}

/** The area that a coefficient m → n makes of one: floor(area × yieldOut / yieldIn). */
export function converted(area: Wire, yieldOut: number, yieldIn: number): Wire {
  return toWire(floor(hundredths(area) * BigInt(yieldOut), BigInt(yieldIn)))
}

/** An area in m² that a person typed in m²: with two places at the most, else undefined. */
export function typedArea(typed: string): Wire | undefined {
  const plain = typed.normalize('NFKC').trim().replace(/\s*(?:m2|㎡|平方米|平米|平)$/i, '').replace(/,(?=\d{3}(?!\d))/g, '')
  if (!/^(?:0|[1-9][0-9]{0,12})(?:\.[0-9]{1,2})?$/.test(plain)) return undefined
  const [whole = '', places = ''] = plain.split('.')
  return `${whole}.${places.padEnd(2, '0')}`
}

function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value
}
