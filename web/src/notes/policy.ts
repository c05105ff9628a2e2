/**
 * Whom one trusts: the key that signs receipts, and a C2SP tlog-policy (logs, witnesses, quorum).
 * The text is that of `hrt check-receipt --keys`: a line `receipts <vkey>`, below it the policy.
 */

import { NoteError, parseVkey, type Verifier } from './note'

export interface Group {
  needs: number
  members: string[]
}

export interface Trust {
  receipts: Verifier[]
  logs: Verifier[]
  /** By the names that the policy gives them. */
  witnesses: Map<string, Verifier>
  groups: Map<string, Group>
  /** A witness or a group; undefined where no witness is asked for. */
  quorum?: string
}

export function noTrust(): Trust {
  return { receipts: [], logs: [], witnesses: new Map(), groups: new Map() }
}

/** Reads the text of keys; bare verifier keys are told apart by their names. Throws `NoteError`. */
export function parseTrust(text: string): Trust {
  const trust = noTrust()
  for (const line of text.split(/\r?\n/)) {
    const words = line.trim().split(/\s+/)
    if (words[0] === '' || words[0]!.startsWith('#')) continue
    readLine(trust, words)
  }
  return trust
}

function readLine(trust: Trust, [kind = '', ...words]: string[]): void {
  const [first = '', second = '', ...rest] = words
  if (kind === 'receipts') trust.receipts.push(noteKey(first))
  else if (kind === 'log') trust.logs.push(noteKey(first))
  else if (kind === 'witness') trust.witnesses.set(fresh(trust, first), witnessKey(second))
  else if (kind === 'group') trust.groups.set(fresh(trust, first), group(trust, second, rest))
  else if (kind === 'quorum') setQuorum(trust, first)
  else if (kind.includes('+') && words.length === 0) bareKey(trust, parseVkey(kind))
  else throw new NoteError(`not a line of keys: ${kind} …`)
}

function setQuorum(trust: Trust, name: string): void {
  if (name !== 'none' && !trust.witnesses.has(name) && !trust.groups.has(name)) {
    throw new NoteError(`the quorum ${name} is not defined above`)
  }
  if (name === 'none') delete trust.quorum
  else trust.quorum = name
}

function bareKey(trust: Trust, key: Verifier): void {
  if (key.type === 4) trust.witnesses.set(fresh(trust, key.name), key)
  else if (key.name.endsWith('/receipts')) trust.receipts.push(key)
  else trust.logs.push(key)
}

function noteKey(text: string): Verifier {
  const key = parseVkey(text)
  if (key.type !== 1) throw new NoteError(`${key.name} is the key of a witness`)
  return key
}

function witnessKey(text: string): Verifier {
  const key = parseVkey(text)
  if (key.type !== 4) throw new NoteError(`${key.name} is not the key of a witness`)
  return key
}

function fresh(trust: Trust, name: string): string {
  if (name === '' || name === 'none' || trust.witnesses.has(name) || trust.groups.has(name)) {
    throw new NoteError(`the name ${name} is used twice, or is none`)
  }
  return name
}

function group(trust: Trust, needs: string, members: string[]): Group {
  const known = members.every((name) => trust.witnesses.has(name) || trust.groups.has(name))
  if (!known || members.length === 0 || new Set(members).size !== members.length) {
    throw new NoteError('a group names witnesses and groups that are defined above, each once')
  }
  const count = needs === 'all' ? members.length : needs === 'any' ? 1 : Number(needs)
  if (!Number.isInteger(count) || count < 1 || count > members.length) {
    throw new NoteError('a group needs all, any, or a number of its members')
  }
  return { needs: count, members }
}

/** Whether the witnesses who have signed, by their names in the policy, are enough. */
export function isQuorum(trust: Trust, signed: Set<string>, name = trust.quorum): boolean {
  if (name === undefined) return true
  const found = trust.groups.get(name)
  if (found === undefined) return signed.has(name)
  return found.members.filter((member) => isQuorum(trust, signed, member)).length >= found.needs
}
