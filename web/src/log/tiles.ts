/** Bundles of entries of a c2sp.org/tlog-tiles log: where an entry stands, and how to take it out. */

import { own, type Bytes } from '../base/bytes'

const WIDTH = 256

export class TileError extends Error {}

/** The path of the bundle that holds an entry, as far as a log of this size has filled it. */
export function bundlePath(index: number, size: number): string {
  const n = Math.floor(index / WIDTH)
  const digits = String(n).padStart(3, '0')
  const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, '0')
  const groups = padded.match(/.{3}/g) ?? []
  const name = groups.map((group, i) => (i < groups.length - 1 ? `x${group}` : group)).join('/')
  const width = size - n * WIDTH
  return `tile/entries/${name}${width < WIDTH ? `.p/${width}` : ''}`
}

/** The entry at an index, from the bundle that holds it; throws when the bundle is malformed. */
export function entryIn(bundle: Uint8Array, index: number): Bytes {
  let at = 0
  for (let i = 0; ; i++) {
    if (at + 2 > bundle.length) throw new TileError('the bundle ends before the entry')
    const end = at + 2 + (bundle[at]! << 8) + bundle[at + 1]!
    if (end > bundle.length) throw new TileError('the bundle is cut off')
    if (i === index % WIDTH) return own(bundle.subarray(at + 2, end))
    at = end
  }
}
