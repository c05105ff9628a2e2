/**
 * C2SP signed notes: a text and below it signature lines. Lines by unknown keys are passed over,
 * a line by a known key that does not verify spoils the note.
 */

import { ed25519 } from '@noble/curves/ed25519.js'

import { base64, concat, hex, own, unbase64, utf8, type Bytes } from '../base/bytes'
import { sha256 } from '../base/hash'

const ED25519 = 1
const COSIGNATURE = 4
const ID_LENGTH = 4
const SIGNATURES_MAX = 100
const NOTE_LENGTH_MAX = 64 * 1024
const DASH = '\u2014 '

export class NoteError extends Error {}

/** A public key that signatures are checked with: of notes (type 1) or of witnesses (type 4). */
export interface Verifier {
  name: string
  id: string
  type: typeof ED25519 | typeof COSIGNATURE
  publicKey: Bytes
}

export interface Signature {
  name: string
  id: string
  value: Bytes
}

export interface Note {
  text: string
  signatures: Signature[]
}

/** A signature that holds; `time` is a witness's, in POSIX seconds. */
export interface Verified {
  verifier: Verifier
  time?: number
}

function keyId(name: string, typed: Bytes): string {
  return hex(sha256(concat(utf8(`${name}\n`), typed)).subarray(0, ID_LENGTH))
}

function isName(name: string): boolean {
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  return name !== '' && !/[\s+\u0000-\u001f]/u.test(name)
}

/** Reads `name+id+key`; throws `NoteError`. */
export function parseVkey(text: string): Verifier {
  const [name = '', id = '', ...rest] = text.split('+')
  let data: Bytes
  try {
    data = unbase64(rest.join('+'))
  } catch {
    throw new NoteError('not a verifier key (name+id+key)')
  }
  const type = data[0]
  if (!isName(name) || (type !== ED25519 && type !== COSIGNATURE) || data.length !== 33) {
    throw new NoteError('not an Ed25519 verifier key')
  }
  if (keyId(name, data) !== id) throw new NoteError(`the key's id is ${keyId(name, data)}, not ${id}`)
  return { name, id, type, publicKey: own(data.subarray(1)) }
}

export function encodeVkey(name: string, publicKey: Uint8Array): string {
  const typed = concat(new Uint8Array([ED25519]), publicKey)
  return `${name}+${keyId(name, typed)}+${base64(typed)}`
}

/** Reads a note; throws `NoteError`. The text goes up to the last empty line. */
export function parseNote(note: string): Note {
  if (utf8(note).length > NOTE_LENGTH_MAX) throw new NoteError('the note is longer than 64 KiB')
  const gap = note.lastIndexOf('\n\n')
  if (gap < 0 || !note.endsWith('\n') || note.endsWith('\n\n')) {
    throw new NoteError('there are no signature lines below an empty line')
  }
  const text = note.slice(0, gap + 1)
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\u0000-\u0009\u000b-\u001f]/.test(text)) throw new NoteError('the text has control characters')
  const lines = note.slice(gap + 2, -1).split('\n')
  if (lines.length > SIGNATURES_MAX) throw new NoteError('the note has too many signatures')
  return { text, signatures: lines.map(parseSignature) }
}

function parseSignature(line: string): Signature {
  const [name = '', encoded = '', ...rest] = line.slice(DASH.length).split(' ')
  let data: Bytes | undefined
  try {
    data = unbase64(encoded)
  } catch {
    data = undefined
  }
  if (!line.startsWith(DASH) || rest.length > 0 || !isName(name) || !data || data.length <= ID_LENGTH) {
    throw new NoteError('a signature line is malformed')
  }
  return { name, id: hex(data.subarray(0, ID_LENGTH)), value: own(data.subarray(ID_LENGTH)) }
}

/** Which of these keys have signed; throws `NoteError` on a bad line by one of them. */
export function verified(note: Note, verifiers: Verifier[]): Verified[] {
  const found = new Map<Verifier, Verified>()
  for (const line of note.signatures) {
    const verifier = verifiers.find((key) => key.name === line.name && key.id === line.id)
    if (verifier !== undefined) found.set(verifier, check(verifier, note.text, line.value))
  }
  return [...found.values()]
}

function check(verifier: Verifier, text: string, value: Bytes): Verified {
  const at = verifier.type === COSIGNATURE ? 8 : 0
  const bytes = value.subarray(0, at).reduce((sum, byte) => sum * 256 + byte, 0)
  const signed = at ? `cosignature/v1\ntime ${bytes}\n${text}` : text
  const good =
    value.length === at + 64 &&
    (at === 0 || (bytes > 0 && Number.isSafeInteger(bytes))) &&
    holds(value.subarray(at), utf8(signed), verifier.publicKey)
  if (!good) throw new NoteError(`the signature by ${verifier.name} does not verify`)
  return at ? { verifier, time: bytes } : { verifier }
}

function holds(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
  try {
    // RFC 8032 as everybody else checks it, not the looser ZIP 215.
    return ed25519.verify(signature, message, publicKey, { zip215: false })
  } catch {
    return false
  }
}

export function publicKeyOf(privateKey: Uint8Array): Bytes {
  return own(ed25519.getPublicKey(privateKey))
}

/** Signs a text that ends with a newline. */
export function signNote(text: string, name: string, privateKey: Uint8Array): string {
  if (!text.endsWith('\n') || !isName(name)) throw new NoteError('not a text or a key name of a note')
  const id = keyId(name, concat(new Uint8Array([ED25519]), publicKeyOf(privateKey)))
  const idBytes = new Uint8Array(ID_LENGTH).map((_, i) => parseInt(id.slice(2 * i, 2 * i + 2), 16))
  const value = concat(idBytes, ed25519.sign(utf8(text), privateKey))
  return `${text}\n${DASH}${name} ${base64(value)}\n`
}
