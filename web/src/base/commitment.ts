/** What the log says of a file: SHA-256 over a salt of 32 bytes and its content. */

import { concat, hex, unhex } from './bytes'
import { sha256 } from './hash'

/** In hex, as records spell it. */
export function commitmentOf(salt: string, content: Uint8Array): string {
  return hex(sha256(concat(unhex(salt), content)))
}

/** A file's own SHA-256, as other programs show it. */
export function fingerprint(content: Uint8Array): string {
  return hex(sha256(content))
}
