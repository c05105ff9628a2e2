/**
 * Proves in this browser that an entry is in the public log: its bytes are hashed here, the hashes
 * lead to the root, and the log has signed the root. Comes late: it brings the cryptography along.
 */

import { fromUtf8, type Bytes } from '@/base/bytes'
import { isIncluded, leafHash } from '@/log/merkle'
import { parseProof } from '@/log/proof'
import { bundlePath, entryIn } from '@/log/tiles'
import { parseVkey, verified } from '@/notes/note'

export interface Proven {
  /** How many entries the log had, and where this one stands. */
  size: number
  index: number
  /** The record itself, as it stands in the log. */
  record: string
  /** The whole proof, to be kept and checked elsewhere. */
  proof: string
}

export class NotProvenError extends Error {}

/** Throws what does not agree. */
export async function prove(index: number): Promise<Proven> {
  const [proof, vkey] = await Promise.all([text(`/log/proof/${index}`), text('/log/vkey')])
  const { hashes, checkpoint, index: shown } = parseProof(proof)
  if (shown !== index) throw new NotProvenError('the proof is of another entry')
  if (verified(checkpoint.note, [parseVkey(vkey.trim())]).length === 0) throw new NotProvenError('the log has not signed')
  const entry = entryIn(await bytes(`/log/${bundlePath(index, checkpoint.size)}`), index)
  if (!isIncluded(leafHash(entry), index, checkpoint.size, hashes, checkpoint.root)) {
    throw new NotProvenError('the entry is not in the log')
  }
  return { size: checkpoint.size, index, record: fromUtf8(entry), proof }
}

async function bytes(path: string): Promise<Bytes> {
  const answer = await fetch(path)
  if (!answer.ok) throw new NotProvenError(`${path}: ${answer.status}`)
  return new Uint8Array(await answer.arrayBuffer())
}

async function text(path: string): Promise<string> {
  return fromUtf8(await bytes(path))
}
