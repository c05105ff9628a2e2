/** C2SP checkpoints and .tlog-proof files. */

import { fromUtf8, unbase64, type Bytes } from '../base/bytes'
import { parseNote, type Note } from '../notes/note'

const HEADER = 'c2sp.org/tlog-proof@v1'
const HASHES_MAX = 63
const HASH_LENGTH = 32

export class ProofError extends Error {}

export interface Checkpoint {
  origin: string
  size: number
  root: Bytes
  note: Note
}

export interface TlogProof {
  index: number
  hashes: Bytes[]
  checkpoint: Checkpoint
  /** The text in `extra`; nothing but its own signature vouches for it. */
  extra?: string
}

/** Reads a checkpoint's note; throws. */
export function parseCheckpoint(text: string): Checkpoint {
  const note = parseNote(text)
  const [origin = '', size = '', root = '', ...rest] = note.text.split('\n')
  if (origin === '' || rest.length === 0 || rest.slice(0, -1).includes('')) {
    throw new ProofError('the checkpoint is malformed')
  }
  return { origin, size: whole(size), root: hash(root), note }
}

/** Reads a .tlog-proof; throws. */
export function parseProof(text: string): TlogProof {
  const gap = text.indexOf('\n\n')
  const lines = text.slice(0, gap).split('\n')
  if (gap < 0 || lines.shift() !== HEADER) throw new ProofError(`the first line is not ${HEADER}`)
  let extra: string | undefined
  if (lines[0]?.startsWith('extra ')) extra = fromUtf8(unbase64(lines.shift()!.slice('extra '.length)))
  const index = lines.shift() ?? ''
  if (!index.startsWith('index ')) throw new ProofError('the line with the index is missing')
  if (lines.length > HASHES_MAX) throw new ProofError('the proof has too many hashes')
  return {
    index: whole(index.slice('index '.length)),
    hashes: lines.map(hash),
    checkpoint: parseCheckpoint(text.slice(gap + 2)),
    ...(extra === undefined ? {} : { extra }),
  }
}

/** That the log has grown from a size that was seen before to the checkpoint below. */
export interface Growth {
  old: number
  hashes: Bytes[]
  checkpoint: Checkpoint
}

/** Reads what the log answers to `consistency`: the body that a C2SP witness is sent. Throws. */
export function parseGrowth(text: string): Growth {
  const gap = text.indexOf('\n\n')
  const [first = '', ...hashes] = text.slice(0, gap).split('\n')
  if (gap < 0 || !first.startsWith('old ')) throw new ProofError('the line with the old size is missing')
  if (hashes.length > HASHES_MAX) throw new ProofError('the proof has too many hashes')
  return {
    old: whole(first.slice('old '.length)),
    hashes: hashes.map(hash),
    checkpoint: parseCheckpoint(text.slice(gap + 2)),
  }
}

function whole(text: string): number {
  const value = Number(text)
  if (!/^(?:0|[1-9][0-9]*)$/.test(text) || !Number.isSafeInteger(value)) {
    throw new ProofError('a number is malformed')
  }
  return value
}

function hash(text: string): Bytes {
  const data = unbase64(text)
  if (data.length !== HASH_LENGTH) throw new ProofError('a hash has 32 bytes')
  return data
}
