/**
 * Checks a receipt with nothing but the file and the keys one trusts. Answers with every step and
 * how it ended, so that a person sees what is proven, or exactly what does not agree.
 */

import { utf8 } from '../base/bytes'
import { isIncluded, leafHash } from '../log/merkle'
import { parseProof, type TlogProof } from '../log/proof'
import { parseNote, verified, type Note, type Verified, type Verifier } from '../notes/note'
import { isQuorum, type Trust } from '../notes/policy'
import { parsePromise, type Promised } from './promise'

/** In this order; the names are those of the steps of `hrt check-receipt`. */
export type StepName = 'file' | 'signature' | 'receipt' | 'key' | 'checkpoint' | 'witnesses' | 'inclusion'

/** `unknown`: a key is needed to tell. */
export type Outcome = 'holds' | 'fails' | 'unknown'

export interface Step {
  name: StepName
  outcome: Outcome
  /** Key names, numbers, the reason of a failure: technical, in English. */
  detail: string
}

/**
 * `proven`: promised, and in the log. `promised`: signed, still without proof. `fails`: something
 * does not agree. `unknown`: nothing disagrees, but a key is missing.
 */
export type Verdict = 'proven' | 'promised' | 'fails' | 'unknown'

export interface Report {
  verdict: Verdict
  steps: Step[]
  promised?: Promised
  proof?: TlogProof
  witnesses: Verified[]
}

const HEADER = 'c2sp.org/tlog-proof@v1'
const KEY_SUFFIX = '/receipts'

export function checkReceipt(file: string, trust: Trust): Report {
  const report: Report = { verdict: 'unknown', steps: [], witnesses: [] }
  step(report, 'file', () => {
    const isProof = file.startsWith(HEADER)
    if (isProof) report.proof = parseProof(file)
    const note = parseNote(isProof ? (report.proof?.extra ?? '') : file)
    checkPromise(report, note, trust)
    return isProof ? 'tlog-proof' : 'signed note'
  })
  // The file was opened first, whatever was then found in it.
  report.steps.sort((a, b) => Number(b.name === 'file') - Number(a.name === 'file'))
  if (report.promised && report.proof) checkProof(report, report.promised, report.proof, trust)
  report.verdict = verdictOf(report)
  return report
}

function checkPromise(report: Report, note: Note, trust: Trust): void {
  const signer = signed(report, 'signature', note, trust.receipts)
  step(report, 'receipt', () => {
    report.promised = parsePromise(note.text)
    return report.promised.leaf
  })
  const { promised } = report
  if (promised === undefined || signer === undefined) return
  step(report, 'key', () => {
    if (signer.name === promised.log + KEY_SUFFIX) return signer.name
    throw new Error(`${signer.name} may not sign receipts of ${promised.log}`)
  })
}

function checkProof(report: Report, promised: Promised, proof: TlogProof, trust: Trust): void {
  const { origin, size, root, note } = proof.checkpoint
  const keys = trust.logs.filter((key) => key.name === promised.log)
  if (origin !== promised.log) {
    const detail = `promised in ${promised.log}, the checkpoint is of ${origin}`
    report.steps.push({ name: 'checkpoint', outcome: 'fails', detail })
  } else {
    signed(report, 'checkpoint', note, keys)
  }
  if (trust.witnesses.size > 0) checkWitnesses(report, note, trust)
  step(report, 'inclusion', () => {
    if (isIncluded(leafHash(utf8(promised.entry)), proof.index, size, proof.hashes, root)) {
      return `${proof.index} / ${size}`
    }
    throw new Error(`the proof does not lead from entry ${proof.index} to the root of ${size} entries`)
  })
}

function checkWitnesses(report: Report, note: Note, trust: Trust): void {
  step(report, 'witnesses', () => {
    report.witnesses = verified(note, [...trust.witnesses.values()])
    const keys = new Set(report.witnesses.map((one) => one.verifier))
    const names = [...trust.witnesses].filter(([, key]) => keys.has(key)).map(([name]) => name)
    if (!isQuorum(trust, new Set(names))) {
      throw new Error(`the policy asks for ${trust.quorum}, cosigned by: ${names.join(', ') || '–'}`)
    }
    return names.join(', ') || '–'
  })
}

/** The key among these that has signed. A step `unknown` where there is no key to check with. */
function signed(report: Report, name: StepName, note: Note, keys: Verifier[]): Verifier | undefined {
  if (keys.length === 0) {
    const signers = note.signatures.map((line) => `${line.name} (${line.id})`).join(', ')
    report.steps.push({ name, outcome: 'unknown', detail: signers })
    return undefined
  }
  let signer: Verifier | undefined
  step(report, name, () => {
    signer = verified(note, keys)[0]?.verifier
    if (signer === undefined) {
      const wanted = keys.map((key) => `${key.name} (${key.id})`).join(', ')
      throw new Error(`signed by ${note.signatures.map((line) => line.name).join(', ')}, not by ${wanted}`)
    }
    return `${signer.name} (${signer.id})`
  })
  return signer
}

function step(report: Report, name: StepName, check: () => string): void {
  try {
    report.steps.push({ name, outcome: 'holds', detail: check() })
  } catch (error) {
    report.steps.push({ name, outcome: 'fails', detail: error instanceof Error ? error.message : String(error) })
  }
}

function verdictOf(report: Report): Verdict {
  if (report.steps.some((one) => one.outcome === 'fails')) return 'fails'
  if (report.steps.some((one) => one.outcome === 'unknown')) return 'unknown'
  return report.proof ? 'proven' : 'promised'
}
