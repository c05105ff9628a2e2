/** Inclusion in an RFC 6962 tree. */

import { concat, equal, type Bytes } from '../base/bytes'
import { sha256 } from '../base/hash'

export function leafHash(entry: Uint8Array): Bytes {
  return sha256(concat(new Uint8Array([0]), entry))
}

export function nodeHash(left: Uint8Array, right: Uint8Array): Bytes {
  return sha256(concat(new Uint8Array([1]), left, right))
}

/** Whether the proof (leaf to root) leads from the leaf at `index` to the root of `size` leaves. */
export function isIncluded(
  leaf: Uint8Array,
  index: number,
  size: number,
  proof: Uint8Array[],
  root: Uint8Array,
): boolean {
  if (!Number.isSafeInteger(size) || !Number.isSafeInteger(index)) return false
  if (index < 0 || index >= size) return false
  let hash: Uint8Array = leaf
  let at = index
  let last = size - 1
  for (const sibling of proof) {
    if (last === 0) return false
    if (at % 2 === 1 || at === last) {
      hash = nodeHash(sibling, hash)
      while (at % 2 === 0 && at > 0) {
        at = Math.floor(at / 2)
        last = Math.floor(last / 2)
      }
    } else {
      hash = nodeHash(hash, sibling)
    }
    at = Math.floor(at / 2)
    last = Math.floor(last / 2)
  }
  return last === 0 && equal(hash, root)
}
