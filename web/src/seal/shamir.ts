/**
 * Shamir's secret sharing over GF(2^8) with the polynomial 0x11b, byte by byte.
 * A share is the y-bytes followed by its x. The coefficients are an argument.
 */

import type { Bytes } from '../base/bytes'

const POWERS = new Uint8Array(510)
const LOGARITHMS = new Uint8Array(256)
for (let exponent = 0, value = 1; exponent < 255; exponent++) {
  POWERS[exponent] = POWERS[exponent + 255] = value
  LOGARITHMS[value] = exponent
  value ^= (value << 1) ^ (value & 0x80 ? 0x11b : 0)
}

function times(a: number, b: number): number {
  return a && b ? POWERS[LOGARITHMS[a]! + LOGARITHMS[b]!]! : 0
}

function over(a: number, b: number): number {
  return a ? POWERS[LOGARITHMS[a]! + 255 - LOGARITHMS[b]!]! : 0
}

/** The share at `x` (1..255) of the polynomial secret + coefficients[0]·x + … */
export function share(secret: Uint8Array, coefficients: Uint8Array[], x: number): Bytes {
  if (!Number.isInteger(x) || x < 1 || x > 255) throw new Error('a share stands at x = 1 to 255')
  const out = new Uint8Array(secret.length + 1)
  for (const coefficient of [...coefficients].reverse().concat([secret])) {
    for (let i = 0; i < secret.length; i++) out[i] = times(out[i]!, x) ^ coefficient[i]!
  }
  out[secret.length] = x
  return out
}

/** The secret whose polynomial goes through these shares, as many as the threshold. */
export function combine(shares: Uint8Array[]): Bytes {
  const places = shares.map((one) => one[one.length - 1]!)
  if (places.length === 0 || new Set(places).size !== places.length || places.includes(0)) {
    throw new Error('shares stand at different points, none of them 0')
  }
  const secret = new Uint8Array(shares[0]!.length - 1)
  shares.forEach((one, n) => {
    const x = places[n]!
    let weight = 1
    for (const other of places) if (other !== x) weight = times(weight, over(other, other ^ x))
    for (let i = 0; i < secret.length; i++) secret[i]! ^= times(one[i]!, weight)
  })
  return secret
}
