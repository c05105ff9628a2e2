import { createHash } from 'node:crypto'

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { utf8 } from '../../src/base/bytes'
import { qrCode } from '../../src/base/qr'
import { bundlePath, entryIn } from '../../src/log/tiles'

describe('QR codes', () => {
  const drawn = (text: string, mask?: number) => qrCode(text, mask).map((row) => row.map(Number).join('')).join('\n')

  it('are those that another encoder draws', () => {
    expect(drawn('HRT', 0)).toBe(KNOWN)
    const long = 'https://example.cn/index.html#/check/ticket/'.padEnd(180, 't1-')
    expect(createHash('sha256').update(drawn(long, 5)).digest('hex')).toBe(KNOWN_LONG)
  })

  it('grow with the text up to 213 bytes, and refuse more', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 213 }), (length) => {
        const size = qrCode('x'.repeat(length)).length
        expect((size - 17) % 4).toBe(0)
        expect(size).toBeLessThanOrEqual(57)
      }),
      { numRuns: 20 },
    )
    expect(() => qrCode('x'.repeat(214))).toThrow('too long')
  })
})

describe('bundles of entries', () => {
  it('have the paths of tlog-tiles', () => {
    expect(bundlePath(91, 355)).toBe('tile/entries/000')
    expect(bundlePath(300, 355)).toBe('tile/entries/001.p/99')
    expect(bundlePath(256 * 1_234_067, 256 * 1_234_067 + 5)).toBe('tile/entries/x001/x234/067.p/5')
  })

  it('give back each entry that was put in', () => {
    const texts = fc.array(fc.string({ maxLength: 300 }), { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(texts, (entries) => {
        const bundle = Uint8Array.from(entries.flatMap((text) => [utf8(text).length >> 8, utf8(text).length & 255, ...utf8(text)]))
        entries.forEach((text, i) => expect(entryIn(bundle, 256 + i)).toEqual(utf8(text)))
        expect(() => entryIn(bundle, entries.length)).toThrow()
        expect(() => entryIn(bundle.subarray(0, -1), entries.length - 1)).toThrow()
      }),
    )
  })
})

const KNOWN = `111111100010001111111
100000101001101000001
101110100000101011101
101110100011001011101
101110101000101011101
100000100110101000001
111111101010101111111
000000000011100000000
101010100111000010010
011011000000001001000
101010111110100010011
010000001100001000010
110010111100101011100
000000001101010100010
111111100001011100111
100000100111110111001
101110101001011100101
101110100100001000110
101110101110100010001
100000100010001000110
111111101010101010111`
const KNOWN_LONG = '82d87f543dcfad8df1419153fb52db8f277e1c6d07aa34b56f59758c0a198f68'
