/** The page's checker judges every receipt as the server's command does: one file of vectors. */

import { readFileSync } from 'node:fs'
import { expect, it, test } from 'vitest'

import { parseTrust } from '../src/notes/policy'
import { checkReceipt } from '../src/receipts'

const vectors = JSON.parse(
  readFileSync(new URL('../../tests/vectors/hrt_receipt_1.json', import.meta.url), 'utf8'),
) as { receipts: string; policy: string; cases: { name: string; fails: string | null; file: string }[] }

const keys = `receipts ${vectors.receipts}\n${vectors.policy}`
const trust = parseTrust(keys)

test.each(vectors.cases)('$name', ({ file, fails }) => {
  const report = checkReceipt(file, trust)
  expect(report.steps.find((step) => step.outcome === 'fails')?.name ?? null).toBe(fails)
  const whole = file.startsWith('c2sp.org/tlog-proof@v1') ? 'proven' : 'promised'
  expect(report.verdict).toBe(fails === null ? whole : 'fails')
})

test.each(vectors.cases.filter((one) => one.fails === null))('without keys nothing is proven: $name', ({ file }) => {
  const report = checkReceipt(file, parseTrust(''))
  expect(report.verdict).toBe('unknown')
  expect(report.promised?.id).toBe('5f0c6a1e9d7b4c3a8e2f1b0d9c8a7e6f')
})

test.each(vectors.cases.filter((one) => one.fails === null))('no character can be changed: $name', ({ file }) => {
  for (let at = 0; at < file.length; at += 7) {
    const changed = file.slice(0, at) + (file[at] === 'A' ? 'B' : 'A') + file.slice(at + 1)
    // A line by a key that we do not know, or of a witness beyond the quorum, may be anything.
    if (file.slice(0, at + 1).lastIndexOf('\u2014') > file.slice(0, at + 1).lastIndexOf('\n\n')) continue
    expect(checkReceipt(changed, trust).verdict, `at ${at}`).toBe('fails')
  }
})

it('takes the keys of a log alone, and bare keys by their names', () => {
  const log = vectors.policy.split('\n')[0]!.slice('log '.length)
  const bare = parseTrust(`# from the gazette\n${vectors.receipts}\n\n${log}\n`)
  const proof = vectors.cases.find((one) => one.name === 'one witness where two are needed')!
  expect(checkReceipt(proof.file, bare).verdict).toBe('proven')
  expect(checkReceipt(proof.file, trust).verdict).toBe('fails')
})

test.each([
  'nonsense',
  'log x',
  `log ${vectors.policy.split(' ')[3]?.split('\n')[0] ?? ''}`,
  'quorum nobody',
  'group g 1 nobody',
  `${vectors.policy}group two all w0`,
  `${vectors.policy}group three 4 w0 w1 w2`,
  vectors.receipts.replace('+', '+0'),
])('refuses keys that are none: %s', (text) => {
  expect(() => parseTrust(text)).toThrow()
})
