/** AES-256-GCM with a 16-byte tag behind the ciphertext. */

import { own, type Bytes } from '../base/bytes'

function importKey(key: Uint8Array, use: KeyUsage): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', own(key), 'AES-GCM', false, [use])
}

function parameters(nonce: Uint8Array, aad: Uint8Array): AesGcmParams {
  return { name: 'AES-GCM', iv: own(nonce), additionalData: own(aad), tagLength: 128 }
}

export const aesGcm = {
  async encrypt(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, plain: Uint8Array): Promise<Bytes> {
    const imported = await importKey(key, 'encrypt')
    return new Uint8Array(await crypto.subtle.encrypt(parameters(nonce, aad), imported, own(plain)))
  },

  /** Throws when the ciphertext is not authentic. */
  async decrypt(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, sealed: Uint8Array): Promise<Bytes> {
    const imported = await importKey(key, 'decrypt')
    return new Uint8Array(await crypto.subtle.decrypt(parameters(nonce, aad), imported, own(sealed)))
  },
}
