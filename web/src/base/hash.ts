/** SHA-256 and HKDF. Kept out of WebCrypto, so that hashing needs no waiting. */

import { hmac } from '@noble/hashes/hmac.js'
import { expand as hkdfExpand } from '@noble/hashes/hkdf.js'
import { sha256 as digest } from '@noble/hashes/sha2.js'

import { own, type Bytes } from './bytes'

export function sha256(data: Uint8Array): Bytes {
  return own(digest(data))
}

/** HKDF-Extract of RFC 5869; an empty salt stands for 32 zeros. */
export function extract(salt: Uint8Array, key: Uint8Array): Bytes {
  return own(hmac(digest, salt.length > 0 ? salt : new Uint8Array(32), key))
}

/** HKDF-Expand of RFC 5869. */
export function expand(key: Uint8Array, info: Uint8Array, length: number): Bytes {
  return own(hkdfExpand(digest, key, info, length))
}
