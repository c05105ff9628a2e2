/** Files on their way to a dossier: what they are, whether they fit, and what the log says of them. */

import fc from 'fast-check'
import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'

import { commitmentOf, fingerprint } from '@/base/commitment'
import { EVIDENCE_BYTES_MAX, evidenceFault, fileSize, fitted, formatOf, replaceable, sentPercent } from '@/market'

const PDF = new TextEncoder().encode('%PDF-1.7\n')
const PNG = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0])

describe('a file', () => {
  test('is told by its first bytes', () => {
    expect(formatOf(PDF)).toBe('application/pdf')
    expect(formatOf(PNG)).toBe('image/png')
    expect(formatOf(Uint8Array.from([0xff, 0xd8, 0xff]))).toBe('image/jpeg')
    for (const other of [PNG.slice(1), PNG.slice(0, 7), new Uint8Array(), new TextEncoder().encode('<svg/>')]) {
      expect(formatOf(other)).toBeUndefined()
    }
  })

  test('has one fault at most, the first that matters', () => {
    expect(evidenceFault('consent', new Uint8Array())).toBe('empty')
    expect(evidenceFault('consent', new Uint8Array(EVIDENCE_BYTES_MAX + 1))).toBe('large')
    expect(evidenceFault('consent', new Uint8Array(EVIDENCE_BYTES_MAX))).toBe('format')
    expect(evidenceFault('photo_after', PDF)).toBe('picture')
    expect(evidenceFault('photo_after', PNG)).toBeUndefined()
    expect(evidenceFault(undefined, PDF)).toBeUndefined()
  })

  test('has a size that never says less than there is', () => {
    const read = [0, 1023, 1024, 1025, 1048575, 1048576, EVIDENCE_BYTES_MAX - 1].map(fileSize)
    expect(read).toEqual(['0 B', '1023 B', '1 KiB', '2 KiB', '1024 KiB', '1.0 MiB', '4.0 MiB'])
  })

  test('is sent whole only at a hundred', () => {
    const few = fc.nat(9)
    fc.assert(
      fc.property(few, few, (sent, all) => {
        const said = sentPercent(Math.min(sent, all), all)
        expect(said).toBeGreaterThanOrEqual(0)
        expect(said === 100).toBe(all > 0 && sent >= all)
      }),
    )
  })
})

test('only what stands and is of the kind is replaced', () => {
  const pieces = [
    { id: 'e1', kind: 'consent', replaced_by: 'e2' },
    { id: 'e2', kind: 'consent', replaced_by: null },
    { id: 'e3', kind: 'other', replaced_by: null },
  ]
  expect(replaceable(pieces, 'consent').map(({ id }) => id)).toEqual(['e2'])
})

test('a picture fits, and is enlarged nowhere', () => {
  const side = fc.integer({ min: 1, max: 20 })
  fc.assert(
    fc.property(side, side, fc.integer({ min: 1, max: 9 }), (width, height, most) => {
      const size = fitted(width, height, most)
      expect(Math.max(size.width, size.height)).toBe(Math.min(most, Math.max(width, height)))
      expect(Math.min(size.width, size.height)).toBeGreaterThanOrEqual(1)
    }),
  )
})

test('a commitment is of salt and content', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.uint8Array({ maxLength: 40 }), (salt, content) => {
      const said = createHash('sha256').update(salt).update(content).digest('hex')
      expect(commitmentOf(Buffer.from(salt).toString('hex'), content)).toBe(said)
      expect(fingerprint(content)).toBe(createHash('sha256').update(content).digest('hex'))
    }),
  )
})
