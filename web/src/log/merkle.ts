/** Inclusion in an RFC 6962 tree, and that one tree continues another. */

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

/** Whether the proof shows that the tree of `size` leaves has the first `old` ones as they were. */
export function isConsistent(
  old: number,
  size: number,
  oldRoot: Uint8Array,
  root: Uint8Array,
  proof: Uint8Array[],
): boolean {
  if (!Number.isSafeInteger(old) || !Number.isSafeInteger(size) || old < 0 || old > size) return false
  if (old === 0) return proof.length === 0 && equal(oldRoot, sha256(new Uint8Array()))
  if (old === size) return proof.length === 0 && equal(oldRoot, root)
  // An old tree that is one complete subtree is itself the first hash of the way up.
  const [first, ...way] = isPowerOfTwo(old) ? [oldRoot, ...proof] : proof
  if (first === undefined) return false
  let at = old - 1
  let last = size - 1
  const rise = () => {
    at = Math.floor(at / 2)
    last = Math.floor(last / 2)
  }
  while (at % 2 === 1) rise()
  let before: Uint8Array = first
  let after: Uint8Array = first
  for (const hash of way) {
    if (last === 0) return false
    if (at % 2 === 1 || at === last) {
      before = nodeHash(hash, before)
      after = nodeHash(hash, after)
      while (at % 2 === 0 && at > 0) rise()
    } else {
      after = nodeHash(after, hash)
    }
    rise()
  }
  return last === 0 && equal(before, oldRoot) && equal(after, root)
}

function isPowerOfTwo(n: number): boolean {
  return (BigInt(n) & BigInt(n - 1)) === 0n
}
