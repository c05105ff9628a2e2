/** Bytes and their spellings. Every reader is strict: what it accepts, its writer gives back. */

export type Bytes = Uint8Array<ArrayBuffer>

/** The same bytes in a buffer of their own, which WebCrypto's types ask for. */
export function own(data: Uint8Array): Bytes {
  return Uint8Array.from(data)
}

export function concat(...parts: Uint8Array[]): Bytes {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}

export function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i])
}

export function utf8(text: string): Bytes {
  return own(new TextEncoder().encode(text))
}

/** Throws on bytes that are not UTF-8; a byte order mark is kept, so that it is seen. */
export function fromUtf8(data: Uint8Array): string {
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(data)
}

export function hex(data: Uint8Array): string {
  return Array.from(data, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** Lower-case hex only; throws otherwise. */
export function unhex(text: string): Bytes {
  if (!/^(?:[0-9a-f]{2})*$/.test(text) || text.endsWith('\n')) throw new Error('not hex')
  return own(new Uint8Array(text.length / 2).map((_, i) => parseInt(text.slice(2 * i, 2 * i + 2), 16)))
}

export function base64(data: Uint8Array): string {
  return btoa(Array.from(data, (byte) => String.fromCharCode(byte)).join(''))
}

/** Padded base64 of the standard alphabet without stray bits; throws otherwise. */
export function unbase64(text: string): Bytes {
  const data = own(Uint8Array.from(atob(text), (char) => char.charCodeAt(0)))
  if (base64(data) !== text) throw new Error('not base64 in its one spelling')
  return data
}

export function u16(value: number): Bytes {
  return new Uint8Array([value >> 8, value & 0xff])
}
