/** X25519: by the browser where it can, else in JavaScript. Older Chromium shells cannot. */

import { x25519 as noble } from '@noble/curves/ed25519.js'

import { concat, own, unhex, type Bytes } from '../base/bytes'

export class KeyError extends Error {}

/** The shared secret of a private and a public key; throws `KeyError` on a point of small order. */
export type Exchange = (privateKey: Uint8Array, publicKey: Uint8Array) => Promise<Bytes>

const BASE_POINT = concat(new Uint8Array([9]), new Uint8Array(31))
const PKCS8_BEFORE_KEY = unhex('302e020100300506032b656e04220420')
const NAME = { name: 'X25519' }

export const inBrowser: Exchange = async (privateKey, publicKey) => {
  const pkcs8 = concat(PKCS8_BEFORE_KEY, privateKey)
  const key = await crypto.subtle.importKey('pkcs8', pkcs8, NAME, false, ['deriveBits'])
  const other = await crypto.subtle.importKey('raw', own(publicKey), NAME, false, [])
  let shared: Bytes
  try {
    shared = new Uint8Array(await crypto.subtle.deriveBits({ ...NAME, public: other }, key, 256))
  } catch {
    throw new KeyError('the public key is a point of small order')
  }
  // Not every engine refuses by itself what RFC 7748 lets it check.
  if (shared.every((byte) => byte === 0)) throw new KeyError('the public key is a point of small order')
  return shared
}

export const inScript: Exchange = (privateKey, publicKey) => {
  try {
    return Promise.resolve(own(noble.getSharedSecret(privateKey, publicKey)))
  } catch {
    return Promise.reject(new KeyError('the public key is a point of small order'))
  }
}

let chosen: Promise<Exchange> | undefined

async function choose(): Promise<Exchange> {
  try {
    const probe = new Uint8Array(32).fill(1)
    await inBrowser(probe, BASE_POINT)
    return inBrowser
  } catch {
    return inScript
  }
}

/** Use one implementation whatever the browser can do; undefined chooses again. */
export function useExchange(exchange?: Exchange): void {
  chosen = exchange && Promise.resolve(exchange)
}

export async function exchange(privateKey: Uint8Array, publicKey: Uint8Array): Promise<Bytes> {
  if (privateKey.length !== 32 || publicKey.length !== 32) throw new KeyError('an X25519 key has 32 bytes')
  chosen ??= choose()
  return (await chosen)(privateKey, publicKey)
}

export function publicOf(privateKey: Uint8Array): Promise<Bytes> {
  return exchange(privateKey, BASE_POINT)
}
