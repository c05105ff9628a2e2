/** lqx-seal/1 in TypeScript gives byte for byte what the server's gives: one file of vectors. */

import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, it, test } from 'vitest'

import { hex, unbase64, unhex, utf8 } from '../src/base/bytes'
import { sha256 } from '../src/base/hash'
import { encodeVkey, parseNote, parseVkey, publicKeyOf, signNote, verified } from '../src/notes/note'
import { openSealed, sealTo } from '../src/seal/hpke'
import { SealError, contextOf, openWithDek, openWithKeys, parseMessage, seal, verdict, type Terms } from '../src/seal'
import { commitment, sharesOf } from '../src/seal/sealing'
import { combine } from '../src/seal/shamir'
import { exchange, inBrowser, inScript, publicOf, useExchange } from '../src/seal/x25519'

interface TermsJson {
  notice: string
  auction: string
  threshold: number
  custodians: [string, string][]
}

const vectors = JSON.parse(
  readFileSync(new URL('../../tests/vectors/lqx_seal_1.json', import.meta.url), 'utf8'),
) as {
  private_keys: Record<string, string>
  sealed: {
    name: string
    terms: TermsJson
    bidder: string
    seq: number
    bid: { price_cny: string }
    dek: string
    context: string
    commitment: string
    shares: string[]
    message: string
    hash: string
  }[]
  forged: { terms: TermsJson; bidder: string; cases: { name: string; void: string; message: string }[] }
  probe: { private: string; nonce: string; context: string; ephemeral: string; sealed: string }
  note: { private: string; vkey: string; note: string }
}

function termsOf(json: TermsJson): Terms {
  return { ...json, custodians: json.custodians.map(([id, key]) => ({ id, publicKey: unbase64(key) })) }
}

const keys = new Map(Object.entries(vectors.private_keys).map(([id, key]) => [id, unhex(key)]))

function some(...ids: string[]) {
  return new Map([...keys].filter(([id]) => ids.includes(id)))
}

async function codeOf(opening: Promise<unknown>): Promise<string> {
  try {
    await opening
    return 'opened'
  } catch (error) {
    expect(error).toBeInstanceOf(SealError)
    return (error as SealError).code
  }
}

const implementations = [
  ['the browser’s X25519', inBrowser],
  ['X25519 in JavaScript', inScript],
] as const

afterEach(() => useExchange())

describe.each(implementations)('with %s', (_, implementation) => {
  test.each(vectors.sealed)('seals “$name” to the same bytes and opens it again', async (one) => {
    useExchange(implementation)
    const terms = termsOf(one.terms)
    const dek = unhex(one.dek)
    const message = await seal(terms, one.bidder, one.seq, one.bid, dek)
    expect(message).toEqual(unbase64(one.message))
    expect(hex(sha256(message))).toBe(one.hash)
    const parsed = parseMessage(message)
    const context = contextOf(parsed.head)
    expect(hex(context)).toBe(one.context)
    expect(hex(commitment(context, dek))).toBe(one.commitment)
    const shares = sharesOf(context, dek, terms.threshold, terms.custodians.length)
    expect(shares.map(hex)).toEqual(one.shares)
    expect(combine(shares.slice(-terms.threshold))).toEqual(dek)
    const ids = terms.custodians.map(({ id }) => id).slice(-terms.threshold)
    expect(await openWithKeys(parsed, some(...ids))).toEqual({ bid: one.bid, dek })
    expect(await openWithDek(parsed, dek)).toEqual({ bid: one.bid, dek })
  })

  it('refuses a point of small order and keys of another length', async () => {
    useExchange(implementation)
    await expect(exchange(new Uint8Array(32).fill(1), new Uint8Array(32))).rejects.toThrow('small order')
    await expect(publicOf(new Uint8Array(31))).rejects.toThrow('32 bytes')
  })
})

test.each(vectors.forged.cases)('finds the same fault: $name', async (one) => {
  const terms = termsOf(vectors.forged.terms)
  const data = unbase64(one.message)
  const judged = (...ids: string[]) => codeOf(verdict(terms, vectors.forged.bidder, data, some(...ids)))
  expect(await judged(...keys.keys())).toBe(one.void)
  expect(await judged('ministry', 'audit-office', 'notary')).toBe(one.void)
  expect(await judged('notary', 'seller-province', 'exchange')).toBe(one.void)
})

it('reaches no verdict without enough keys of the right custodians', async () => {
  const message = parseMessage(unbase64(vectors.sealed[0]!.message))
  expect(await codeOf(openWithKeys(message, some('notary', 'exchange')))).toBe('too-few-keys')
  expect(await codeOf(openWithKeys(message, new Map([['x', new Uint8Array(32)]])))).toBe('unknown-custodian')
  expect(await codeOf(openWithKeys(message, new Map([['notary', new Uint8Array(32)]])))).toBe('key-mismatch')
  expect(await codeOf(openWithDek(message, new Uint8Array(32)))).toBe('dek-mismatch')
})

it('seals nothing that would not open', async () => {
  const terms = termsOf(vectors.forged.terms)
  const dek = new Uint8Array(32)
  const weak = { ...terms, custodians: [{ id: 'weak', publicKey: new Uint8Array(32) }, ...terms.custodians] }
  const bid = { price_cny: '1.00' }
  expect(await codeOf(seal(terms, 'b', 1, { price_cny: '1' }, dek))).toBe('bid-invalid')
  expect(await codeOf(seal(terms, 'b', 1, bid, dek.slice(1)))).toBe('dek-invalid')
  expect(await codeOf(seal(terms, '竞买人', 1, bid, dek))).toBe('head-invalid')
  expect(await codeOf(seal(terms, 'b', 0, bid, dek))).toBe('head-invalid')
  expect(await codeOf(seal({ ...terms, threshold: 6 }, 'b', 1, bid, dek))).toBe('terms-invalid')
  expect(await codeOf(seal(weak, 'b', 1, bid, dek))).toBe('terms-invalid')
})

it('answers the server’s probe', async () => {
  const { probe } = vectors
  const info = utf8(`lqx-seal/1 probe${probe.context}`)
  const privateKey = unhex(probe.private)
  expect(hex(await openSealed(privateKey, info, unhex(probe.sealed)))).toBe(probe.nonce)
  const again = await sealTo(await publicOf(privateKey), info, unhex(probe.nonce), unhex(probe.ephemeral))
  expect(hex(again)).toBe(probe.sealed)
})

it('signs a bid’s note as others do', () => {
  const { note } = vectors
  const verifier = parseVkey(note.vkey)
  const { text } = parseNote(note.note)
  expect(encodeVkey(verifier.name, publicKeyOf(unhex(note.private)))).toBe(note.vkey)
  expect(signNote(text, verifier.name, unhex(note.private))).toBe(note.note)
  expect(verified(parseNote(note.note), [verifier])).toEqual([{ verifier }])
})
