/**
 * HPKE, RFC 9180, base mode: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM, one message.
 * The ephemeral key is derived from an argument, so that a ciphertext can be made again.
 */

import { concat, u16, unhex, utf8, type Bytes } from '../base/bytes'
import { expand, extract } from '../base/hash'
import { aesGcm } from './aes'
import { exchange, publicOf } from './x25519'

const NOTHING = new Uint8Array(0)
const VERSION = utf8('HPKE-v1')
const KEM = concat(utf8('KEM'), unhex('0020'))
const SUITE = concat(utf8('HPKE'), unhex('002000010002'))
const ENC_LENGTH = 32

function labeledExtract(suite: Bytes, salt: Uint8Array, label: string, key: Uint8Array): Bytes {
  return extract(salt, concat(VERSION, suite, utf8(label), key))
}

function labeledExpand(suite: Bytes, key: Bytes, label: string, info: Uint8Array, length: number): Bytes {
  return expand(key, concat(u16(length), VERSION, suite, utf8(label), info), length)
}

/** The private key of DeriveKeyPair(ikm). */
export function derivePrivate(ikm: Uint8Array): Bytes {
  const key = labeledExtract(KEM, NOTHING, 'dkp_prk', ikm)
  return labeledExpand(KEM, key, 'sk', NOTHING, 32)
}

function schedule(dh: Bytes, enc: Uint8Array, publicKey: Uint8Array, info: Uint8Array) {
  const eae = labeledExtract(KEM, NOTHING, 'eae_prk', dh)
  const shared = labeledExpand(KEM, eae, 'shared_secret', concat(enc, publicKey), 32)
  const context = concat(
    new Uint8Array([0]),
    labeledExtract(SUITE, NOTHING, 'psk_id_hash', NOTHING),
    labeledExtract(SUITE, NOTHING, 'info_hash', info),
  )
  const secret = labeledExtract(SUITE, shared, 'secret', NOTHING)
  return {
    key: labeledExpand(SUITE, secret, 'key', context, 32),
    nonce: labeledExpand(SUITE, secret, 'base_nonce', context, 12),
  }
}

/** enc ‖ ciphertext for the holder of `publicKey`. */
export async function sealTo(
  publicKey: Uint8Array,
  info: Uint8Array,
  plain: Uint8Array,
  ikm: Uint8Array,
): Promise<Bytes> {
  const ephemeral = derivePrivate(ikm)
  const enc = await publicOf(ephemeral)
  const { key, nonce } = schedule(await exchange(ephemeral, publicKey), enc, publicKey, info)
  return concat(enc, await aesGcm.encrypt(key, nonce, NOTHING, plain))
}

/** The plaintext of enc ‖ ciphertext; throws when it does not open. */
export async function openSealed(
  privateKey: Uint8Array,
  info: Uint8Array,
  sealed: Uint8Array,
): Promise<Bytes> {
  const enc = sealed.subarray(0, ENC_LENGTH)
  const publicKey = await publicOf(privateKey)
  const { key, nonce } = schedule(await exchange(privateKey, enc), enc, publicKey, info)
  return aesGcm.decrypt(key, nonce, NOTHING, sealed.subarray(ENC_LENGTH))
}
