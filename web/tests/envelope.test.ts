/** What a bidder handles: the notice, the key that signs, the note that is sent, the secret. */

import { readFileSync } from 'node:fs'
import { expect, it, test } from 'vitest'

import { base64, hex, unbase64, unhex, utf8 } from '../src/base/bytes'
import { canonical, type Json } from '../src/base/canonical'
import { sha256 } from '../src/base/hash'
import { SealError, type Terms } from '../src/seal'
import { bidKeyName, encodeBidKey, makeBidKey, makeEnvelope, parseBidKey, requestKey } from '../src/seal/envelope'
import { parseNotice } from '../src/seal/notice'

const vectors = JSON.parse(
  readFileSync(new URL('../../tests/vectors/lqx_seal_1.json', import.meta.url), 'utf8'),
) as {
  sealed: {
    terms: { notice: string; auction: string; threshold: number; custodians: [string, string][] }
    bidder: string
    seq: number
    bid: { price_cny: string }
    dek: string
    hash: string
  }[]
  note: { private: string; vkey: string; note: string }
}
const one = vectors.sealed[0]!
const terms: Terms = {
  ...one.terms,
  custodians: one.terms.custodians.map(([id, key]) => ({ id, publicKey: unbase64(key) })),
}
const key = makeBidKey(bidKeyName(terms.auction, one.bidder), unhex(vectors.note.private))

function codeOf(act: () => unknown): string {
  try {
    act()
    return 'none'
  } catch (error) {
    return (error as SealError).code
  }
}

it('signs the sealed message as the server expects it, and keeps what opens it', async () => {
  const envelope = await makeEnvelope(terms, one.bidder, one.seq, one.bid, unhex(one.dek), key)
  expect(envelope.note).toBe(vectors.note.note)
  expect(envelope.hash).toBe(one.hash)
  expect(envelope.note).not.toContain('66000000')
  expect(JSON.parse(envelope.secret)).toEqual({
    kind: 'bid_secret',
    lot: terms.auction,
    bidder: one.bidder,
    seq: one.seq,
    message: one.hash,
    dek: base64(unhex(one.dek)),
  })
  expect(requestKey(envelope.hash)).toBe(`sealed-bid-${one.hash}`)
})

it('reads back the file of a key, and of no other bidder or lot', () => {
  const file = encodeBidKey(key)
  expect(parseBidKey(file, key.name)).toEqual(key)
  expect(key.vkey).toBe(vectors.note.vkey)
  for (const [text, name] of [
    [file, 'bidder-b/lot-2026-17'],
    [file.replace(/"private": ".../, '"private": "'), key.name],
    [file.replace('bid_key', 'bid_secret'), key.name],
    ['{', key.name],
    ['null', key.name],
  ] as const) {
    expect(codeOf(() => parseBidKey(text, name))).toBe('bid-key-invalid')
  }
})

const notice: Record<string, Json> = {
  lot: 'lot-2026-17',
  sealing: 'lqx-seal/1',
  threshold: 3,
  custodians: one.terms.custodians,
  start_price_cny: '54000000.00',
  increment_cny: null,
  closes_at: '2026-12-10T10:00:00+08:00',
}
const hash = hex(sha256(utf8(canonical(notice))))

it('computes the hash of a notice itself', () => {
  const read = parseNotice(JSON.stringify({ lot: notice.lot!, number: 2, hash, terms: notice }))
  expect(read.terms).toEqual({ ...terms, notice: hash })
  expect(read.number).toBe(2)
  expect(read.startPrice).toBe('54000000.00')
  expect(parseNotice(JSON.stringify(notice)).terms).toEqual(read.terms)
})

test.each([
  ['notice-malformed', '{'],
  ['notice-malformed', '[]'],
  ['notice-hash', JSON.stringify({ hash, terms: { ...notice, threshold: 2 } })],
  ['notice-not-sealed', JSON.stringify({ ...notice, sealing: 'none' })],
  ['notice-malformed', JSON.stringify({ ...notice, custodians: null })],
  ['notice-malformed', JSON.stringify({ ...notice, custodians: [['a', 'x']] })],
  ['notice-malformed', JSON.stringify({ ...notice, area: 0.5 })],
  ['terms-invalid', JSON.stringify({ ...notice, threshold: 6 })],
  ['terms-invalid', JSON.stringify({ ...notice, custodians: [...one.terms.custodians, one.terms.custodians[0]!] })],
])('refuses a notice under which nothing can be sealed: %s', (code, text) => {
  expect(codeOf(() => parseNotice(text))).toBe(code)
})
