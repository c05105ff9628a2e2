/**
 * Checks what the node says of its log with nothing but its answers and the keys that one trusts:
 * an entry, or that the log has only grown. Answers with every step and how it ended.
 */

import { equal, fromUtf8, type Bytes } from '../base/bytes'
import { NoteError, verified, type Note, type Verified } from '../notes/note'
import { isQuorum, type Trust } from '../notes/policy'
import { isConsistent, isIncluded, leafHash } from './merkle'
import { parseCheckpoint, parseGrowth, parseProof, type Checkpoint, type TlogProof } from './proof'
import { entryIn } from './tiles'

export type StepName = 'form' | 'signature' | 'witnesses' | 'entry' | 'inclusion' | 'growth'

/** `unknown`: it could not be judged, because a key or an earlier visit is missing. */
export type Outcome = 'holds' | 'fails' | 'unknown'

export interface Step {
  name: StepName
  outcome: Outcome
  /** Key names, numbers, the reason of a failure: technical, in English. */
  detail: string
}

export type Verdict = 'proven' | 'fails' | 'unknown'

export interface HeadReport {
  verdict: Verdict
  steps: Step[]
  checkpoint?: Checkpoint
  witnesses: Verified[]
}

export interface EntryReport extends HeadReport {
  index: number
  /** The record as it stands in the log; only what was shown to be in it. */
  entry?: string
}

/** What a browser keeps of the last checkpoint that it has verified: the evidence, if it ever fails. */
export interface Kept {
  note: string
  /** When it was seen, by the server's clock; null when that was not known. */
  at: string | null
  checkpoint: Checkpoint
}

/** The size for which the proof of an entry wants its bundle; throws when the proof is malformed. */
export function sizeOf(proof: string): number {
  return parseProof(proof).checkpoint.size
}

/** Whether the entry at `index` in `bundle` is in the log whose key is trusted. */
export function checkEntry(index: number, proof: string, bundle: Uint8Array, trust: Trust): EntryReport {
  const report: EntryReport = { index, verdict: 'unknown', steps: [], witnesses: [] }
  let parsed: TlogProof | undefined
  step(report, 'form', () => {
    const found = parseProof(proof)
    if (found.index !== index) throw new Error(`the proof is of entry ${found.index}`)
    parsed = found
    return `${found.hashes.length} hashes`
  })
  if (parsed === undefined) return judged(report)
  const { checkpoint, hashes } = parsed
  checkHead(report, checkpoint, trust)
  let entry: Bytes | undefined
  step(report, 'entry', () => {
    entry = entryIn(bundle, index)
    return `${entry.length} bytes`
  })
  step(report, 'inclusion', () => {
    if (entry === undefined || !isIncluded(leafHash(entry), index, checkpoint.size, hashes, checkpoint.root)) {
      throw new Error(`the entry does not lead to the root of ${checkpoint.size} entries`)
    }
    report.entry = fromUtf8(entry)
    return `${index} / ${checkpoint.size}`
  })
  return judged(report)
}

/** Whether a checkpoint is signed as the keys want it. */
export function checkCheckpoint(text: string, trust: Trust): HeadReport {
  const report: HeadReport = { verdict: 'unknown', steps: [], witnesses: [] }
  let checkpoint: Checkpoint | undefined
  step(report, 'form', () => {
    checkpoint = parseCheckpoint(text)
    return checkpoint.origin
  })
  if (checkpoint !== undefined) checkHead(report, checkpoint, trust)
  return judged(report)
}

/** The same of a checkpoint that comes with the proof that it continues the one that was seen. */
export function checkGrowth(growth: string, seen: Checkpoint, trust: Trust): HeadReport {
  const report: HeadReport = { verdict: 'unknown', steps: [], witnesses: [] }
  let hashes: Bytes[] = []
  let checkpoint: Checkpoint | undefined
  step(report, 'form', () => {
    const parsed = parseGrowth(growth)
    if (parsed.old !== seen.size) throw new Error(`the proof begins at ${parsed.old} entries`)
    hashes = parsed.hashes
    checkpoint = parsed.checkpoint
    return checkpoint.origin
  })
  if (checkpoint === undefined) return judged(report)
  const { origin, size, root } = checkpoint
  checkHead(report, checkpoint, trust)
  step(report, 'growth', () => {
    if (origin !== seen.origin) throw new Error(`another log was seen here: ${seen.origin}`)
    if (size < seen.size) throw new Error(`${seen.size} entries were seen, now there are ${size}`)
    if (!isConsistent(seen.size, size, seen.root, root, hashes)) {
      throw new Error(`the first ${seen.size} entries are not those that were seen`)
    }
    return `${seen.size} → ${size}`
  })
  return judged(report)
}

/** Whether these are one checkpoint, whoever has signed it since. */
export function isSame(a: Checkpoint, b: Checkpoint): boolean {
  return a.origin === b.origin && a.size === b.size && equal(a.root, b.root)
}

/** The newest entry below a checkpoint; undefined in an empty log. */
export function newest({ size }: Checkpoint): number | undefined {
  return size > 0 ? size - 1 : undefined
}

/** When a witness has signed, as an instant. */
export function cosignedAt({ time }: Verified): string | undefined {
  return time === undefined ? undefined : new Date(time * 1000).toISOString()
}

export function keep(note: string, at: string | null): string {
  return JSON.stringify({ note, at })
}

/** Reads what was kept; undefined for anything else. */
export function readKept(text: string | null): Kept | undefined {
  try {
    const { note, at } = JSON.parse(text ?? '') as Partial<Kept>
    if (typeof note !== 'string') return undefined
    return { note, at: typeof at === 'string' ? at : null, checkpoint: parseCheckpoint(note) }
  } catch {
    return undefined
  }
}

function checkHead(report: HeadReport, checkpoint: Checkpoint, trust: Trust): void {
  const { note, origin } = checkpoint
  report.checkpoint = checkpoint
  checkSignature(report, note, origin, trust)
  if (trust.witnesses.size > 0) checkWitnesses(report, note, trust)
}

function checkSignature(report: HeadReport, note: Note, origin: string, trust: Trust): void {
  if (trust.logs.length === 0) {
    const signers = note.signatures.map((line) => `${line.name} (${line.id})`).join(', ')
    report.steps.push({ name: 'signature', outcome: 'unknown', detail: signers })
    return
  }
  step(report, 'signature', () => {
    const keys = trust.logs.filter((key) => key.name === origin)
    const signer = verified(note, keys)[0]?.verifier
    if (signer === undefined) throw new NoteError(`not signed by a trusted key of ${origin}`)
    return `${signer.name} (${signer.id})`
  })
}

function checkWitnesses(report: HeadReport, note: Note, trust: Trust): void {
  step(report, 'witnesses', () => {
    report.witnesses = verified(note, [...trust.witnesses.values()])
    const keys = new Set(report.witnesses.map((one) => one.verifier))
    const names = [...trust.witnesses].filter(([, key]) => keys.has(key)).map(([name]) => name)
    if (!isQuorum(trust, new Set(names))) {
      throw new NoteError(`the policy asks for ${trust.quorum}, cosigned by: ${names.join(', ') || '–'}`)
    }
    return names.join(', ') || '–'
  })
}

function step(report: HeadReport, name: StepName, check: () => string): void {
  try {
    report.steps.push({ name, outcome: 'holds', detail: check() })
  } catch (error) {
    report.steps.push({ name, outcome: 'fails', detail: error instanceof Error ? error.message : String(error) })
  }
}

function judged<R extends HeadReport>(report: R): R {
  const outcomes = report.steps.map(({ outcome }) => outcome)
  report.verdict = outcomes.includes('fails') ? 'fails' : outcomes.includes('unknown') ? 'unknown' : 'proven'
  return report
}
