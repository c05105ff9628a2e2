/** The log is checked in the browser as RFC 6962 and C2SP want it: whatever is changed is noticed. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { base64, concat, u16, utf8, type Bytes } from '../../src/base/bytes'
import { sha256 } from '../../src/base/hash'
import { checkCheckpoint, checkEntry, checkGrowth, cosignedAt, isSame, keep, newest, readKept } from '../../src/log/check'
import { isConsistent, isIncluded, leafHash, nodeHash } from '../../src/log/merkle'
import { parseCheckpoint } from '../../src/log/proof'
import { readRecord } from '../../src/log/record'
import { encodeVkey, publicKeyOf, signNote } from '../../src/notes/note'
import { noTrust, parseTrust } from '../../src/notes/policy'

const ORIGIN = 'exchange.example/log'
const KEY = new Uint8Array(32).fill(7)
const entries = Array.from({ length: 40 }, (_, i) => utf8(JSON.stringify({ kind: 'k', subject: `s${i}` })))
const leaves = entries.map(leafHash)
const trust = parseTrust(`log ${encodeVkey(ORIGIN, publicKeyOf(KEY))}\n`)

const split = (width: number) => 2 ** (Math.ceil(Math.log2(width)) - 1)

/** RFC 6962, 2.1, written as it stands there. */
function root(of: Bytes[]): Bytes {
  if (of.length === 0) return sha256(new Uint8Array())
  if (of.length === 1) return of[0]!
  const k = split(of.length)
  return nodeHash(root(of.slice(0, k)), root(of.slice(k)))
}

function inclusion(m: number, of: Bytes[]): Bytes[] {
  if (of.length === 1) return []
  const k = split(of.length)
  return m < k ? [...inclusion(m, of.slice(0, k)), root(of.slice(k))] : [...inclusion(m - k, of.slice(k)), root(of.slice(0, k))]
}

function growth(m: number, of: Bytes[], whole = true): Bytes[] {
  if (m === of.length) return whole ? [] : [root(of)]
  const k = split(of.length)
  return m <= k
    ? [...growth(m, of.slice(0, k), whole), root(of.slice(k))]
    : [...growth(m - k, of.slice(k), false), root(of.slice(0, k))]
}

const tree = (size: number) => root(leaves.slice(0, size))
const checkpoint = (size: number, made = tree(size)) => signNote(`${ORIGIN}\n${size}\n${base64(made)}\n`, ORIGIN, KEY)
const proofOf = (index: number, size: number) =>
  ['c2sp.org/tlog-proof@v1', `index ${index}`, ...inclusion(index, leaves.slice(0, size)).map(base64), '', checkpoint(size)].join('\n')
const growthOf = (old: number, size: number, made?: Bytes) =>
  [`old ${old}`, ...(old > 0 ? growth(old, leaves.slice(0, size)) : []).map(base64), '', checkpoint(size, made)].join('\n')
const bundle = (size: number) => concat(...entries.slice(0, size).flatMap((entry) => [u16(entry.length), entry]))
const seen = (size: number) => parseCheckpoint(checkpoint(size))

describe('trees', () => {
  it('of every size up to 17 prove each entry and each earlier size, and nothing else', () => {
    for (let size = 1; size <= 17; size++) {
      const of = leaves.slice(0, size)
      for (let i = 0; i < size; i++) {
        expect(isIncluded(leaves[i]!, i, size, inclusion(i, of), root(of))).toBe(true)
        expect(isIncluded(leaves[i]!, i + 1, size, inclusion(i, of), root(of))).toBe(false)
      }
      for (let old = 1; old <= size; old++) {
        const proof = growth(old, of)
        expect(isConsistent(old, size, tree(old), root(of), proof)).toBe(true)
        expect(isConsistent(old, size, tree(old - 1), root(of), proof)).toBe(false)
        expect(isConsistent(old, size, tree(old), tree(size + 1), proof)).toBe(false)
        expect(isConsistent(old, size, tree(old), root(of), [...proof, leaves[0]!])).toBe(false)
        if (proof.length > 0) expect(isConsistent(old, size, tree(old), root(of), proof.slice(1))).toBe(false)
      }
    }
  })

  it('continue the empty tree by no proof at all', () => {
    expect(isConsistent(0, 5, tree(0), tree(5), [])).toBe(true)
    expect(isConsistent(0, 5, tree(1), tree(5), [])).toBe(false)
    expect(isConsistent(6, 5, tree(6), tree(5), [])).toBe(false)
    expect(isConsistent(-1, 5, tree(0), tree(5), [])).toBe(false)
  })
})

describe('an entry', () => {
  const size = 23

  it('is proven by the log’s answers, and shown as it stands', () => {
    for (const index of [0, 15, 22]) {
      const report = checkEntry(index, proofOf(index, size), bundle(size), trust)
      expect(report.steps.map(({ outcome }) => outcome)).toEqual(['holds', 'holds', 'holds', 'holds'])
      expect(report).toMatchObject({ verdict: 'proven', entry: JSON.stringify({ kind: 'k', subject: `s${index}` }) })
    }
  })

  it('fails when one byte of its bundle is changed, and is not shown', () => {
    const whole = bundle(size)
    fc.assert(
      fc.property(fc.nat({ max: entries[0]!.length + 1 }), fc.integer({ min: 1, max: 255 }), (at, by) => {
        const changed = Uint8Array.from(whole)
        changed[at] = (changed[at]! + by) % 256
        const report = checkEntry(0, proofOf(0, size), changed, trust)
        expect(report.verdict).toBe('fails')
        expect(report.entry).toBeUndefined()
      }),
      { numRuns: 40 },
    )
  })

  it('fails with the proof of another entry, another tree, or another key', () => {
    const step = (proof: string, own = trust) => checkEntry(3, proof, bundle(size), own).steps.find(({ outcome }) => outcome === 'fails')?.name
    expect(step(proofOf(4, size))).toBe('form')
    expect(step(proofOf(3, size).replace(/\n\S{44}\n/, '\n'))).toBe('inclusion')
    expect(step(proofOf(3, size).replace(`\n${size}\n`, `\n${size + 1}\n`))).toBe('signature')
    expect(step('nonsense')).toBe('form')
    expect(step(proofOf(3, size), parseTrust(`log ${encodeVkey(ORIGIN, publicKeyOf(new Uint8Array(32).fill(8)))}\n`))).toBe('signature')
  })

  it('is not proven without a key', () => {
    expect(checkEntry(3, proofOf(3, size), bundle(size), noTrust()).verdict).toBe('unknown')
  })
})

describe('a checkpoint', () => {
  it('is signed by a key that is trusted', () => {
    expect(checkCheckpoint(checkpoint(9), trust).verdict).toBe('proven')
    expect(checkCheckpoint(checkpoint(9).replace('\n9\n', '\n8\n'), trust).verdict).toBe('fails')
    expect(checkCheckpoint('', trust).verdict).toBe('fails')
  })

  it('continues the one that was seen, or is found out', () => {
    for (const old of [0, 1, 8, 9, 13]) expect(checkGrowth(growthOf(old, 13), seen(old), trust).verdict).toBe('proven')
    const failed = (text: string, before = seen(8)) => checkGrowth(text, before, trust).steps.find(({ outcome }) => outcome === 'fails')
    expect(failed(growthOf(8, 13), { ...seen(8), root: tree(9) })?.name).toBe('growth')
    expect(failed(growthOf(8, 13), { ...seen(8), origin: 'other.example/log' })?.name).toBe('growth')
    expect(failed(growthOf(8, 13, tree(14)))?.name).toBe('growth')
    expect(failed(growthOf(7, 13))?.name).toBe('form')
  })

  it('is remembered with its signature, and nothing else is taken for one', () => {
    const kept = readKept(keep(checkpoint(9), '2026-04-13T10:00:00+08:00'))!
    expect(kept.at).toBe('2026-04-13T10:00:00+08:00')
    expect(isSame(seen(9), kept.checkpoint)).toBe(true)
    expect(isSame(seen(10), kept.checkpoint)).toBe(false)
    expect(readKept(keep(checkpoint(9), null))?.at).toBeNull()
    for (const text of [null, '', '{}', '[]', 'null', keep('nonsense', null)]) expect(readKept(text)).toBeUndefined()
  })

  it('says which entry is its newest, and when a witness has signed it', () => {
    expect(newest(seen(9))).toBe(8)
    expect(newest(seen(0))).toBeUndefined()
    expect(cosignedAt({ verifier: trust.logs[0]!, time: 1_784_000_000 })).toBe('2026-07-14T03:33:20.000Z')
    expect(cosignedAt({ verifier: trust.logs[0]! })).toBeUndefined()
  })
})

describe('a record', () => {
  it('is read field by field, with its amounts in yuan or m²', () => {
    const record = readRecord(
      JSON.stringify({
        v: 1,
        kind: 'entry.issue',
        subject: 't1',
        province: '500000',
        actor: 'p1',
        at: '2026-03-21T01:00:00.000000Z',
        policy: null,
        facts: { area_m2: '180.00', number: 3, tickets: [['t1', '180.00']], none: null },
        postings: [
          ['accepted:500000:a1', 'ticket:500000:t1', '18000', '0', '18000'],
          ['escrow:500000:l1', 'housing:500000:h1', '5', '0', '5'],
        ],
      }),
    )
    expect(record).toMatchObject({ kind: 'entry.issue', subject: 't1', actor: 'p1', policy: null })
    expect(record?.facts.map(({ value }) => value)).toEqual(['180.00', '3', '[["t1","180.00"]]', '–'])
    expect(record?.postings.map(({ amount, unit }) => `${amount} ${unit}`)).toEqual(['180.00 m2', '0.05 cny'])
  })

  it('is nothing that lacks a kind, a subject, a province or a time', () => {
    for (const text of ['', 'null', '[]', '1', '{}', '{"kind":"k","subject":"s","province":"p"}']) expect(readRecord(text)).toBeUndefined()
  })
})
