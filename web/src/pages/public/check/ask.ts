/** Fetches what is needed to check the log: keys, checkpoint, proofs, bundles. Checks nothing itself. */

import { ApiProblem, Unreachable } from '@/api'
import { problemOf } from '@/api/problems'
import { fromUtf8, type Bytes } from '@/base/bytes'
import { checkEntry, sizeOf, type EntryReport } from '@/log/check'
import { bundlePath } from '@/log/tiles'
import { noTrust, parseTrust, type Trust } from '@/notes/policy'
import { fetchKeys, recallKeys, rememberKeys, type Keyring } from '@/receipts/keyring'

/**
 * Where the keys come from: `first` read from this site just now, `same` as this browser remembers,
 * `changed`: the site now shows others, and the remembered ones count; `unasked`: it shows none.
 */
export type Source = 'first' | 'same' | 'changed' | 'unasked'

export interface Trusted {
  trust: Trust
  keyring: Keyring
  source: Source
}

/** The keys that this browser remembers, or on a first visit those of the site. */
export async function trusted(): Promise<Trusted> {
  const known = recallKeys()
  const kept = known?.text.trim() ? known : undefined
  let shown: Keyring | undefined
  try {
    shown = await fetchKeys()
  } catch {
    if (kept === undefined) throw new Unreachable('no keys')
  }
  if (kept === undefined) {
    rememberKeys(shown!)
    return { trust: read(shown!), keyring: shown!, source: 'first' }
  }
  const source = shown === undefined ? 'unasked' : shown.text.trim() === kept.text.trim() ? 'same' : 'changed'
  return { trust: read(kept), keyring: kept, source }
}

function read({ text }: Keyring): Trust {
  try {
    return parseTrust(text)
  } catch {
    return noTrust()
  }
}

export interface Proven {
  report: EntryReport
  /** The proof as a file, to be kept and checked elsewhere. */
  proof: string
  keys: Trusted
}

/** Fetch an entry with its proof, and check it. Throws `ApiProblem` when the log does not have it. */
export async function prove(index: number, signal?: AbortSignal): Promise<Proven> {
  const [keys, proof] = await Promise.all([trusted(), text(`/log/proof/${index}`, signal)])
  const size = sizeIn(proof)
  const bundle = size === undefined ? new Uint8Array() : await bytes(`/log/${bundlePath(index, size)}`, signal)
  return { report: checkEntry(index, proof, bundle, keys.trust), proof, keys }
}

function sizeIn(proof: string): number | undefined {
  try {
    return sizeOf(proof)
  } catch {
    return undefined
  }
}

export async function text(path: string, signal?: AbortSignal): Promise<string> {
  return fromUtf8(await bytes(path, signal))
}

async function bytes(path: string, signal?: AbortSignal): Promise<Bytes> {
  try {
    const answer = await fetch(path, signal ? { signal } : {})
    if (!answer.ok) throw await problemOf(answer)
    return new Uint8Array(await answer.arrayBuffer())
  } catch (error) {
    if (error instanceof ApiProblem) throw error
    throw new Unreachable(String(error))
  }
}
