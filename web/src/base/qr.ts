/**
 * QR codes (ISO/IEC 18004) of short texts: bytes, error correction M, versions 1 to 10, which hold
 * 213 bytes. An address on a certificate needs no more.
 */

import { utf8 } from './bytes'

/** Rows of modules, true for dark, without the quiet zone of four modules around. */
export type Modules = boolean[][]

interface Version {
  /** Correcting bytes of each block. */
  ec: number
  /** Data bytes of each block. */
  blocks: number[]
  /** Centres of the alignment patterns. */
  centres: number[]
}

const VERSIONS: Version[] = [
  { ec: 10, blocks: [16], centres: [] },
  { ec: 16, blocks: [28], centres: [6, 18] },
  { ec: 26, blocks: [44], centres: [6, 22] },
  { ec: 18, blocks: [32, 32], centres: [6, 26] },
  { ec: 24, blocks: [43, 43], centres: [6, 30] },
  { ec: 16, blocks: [27, 27, 27, 27], centres: [6, 34] },
  { ec: 18, blocks: [31, 31, 31, 31], centres: [6, 22, 38] },
  { ec: 22, blocks: [38, 38, 39, 39], centres: [6, 24, 42] },
  { ec: 22, blocks: [36, 36, 36, 37, 37], centres: [6, 26, 46] },
  { ec: 26, blocks: [43, 43, 43, 43, 44], centres: [6, 28, 50] },
]

const MASKS: ((row: number, column: number) => boolean)[] = [
  (r, c) => (r + c) % 2 === 0,
  (r) => r % 2 === 0,
  (_, c) => c % 3 === 0,
  (r, c) => (r + c) % 3 === 0,
  (r, c) => (Math.floor(r / 2) + Math.floor(c / 3)) % 2 === 0,
  (r, c) => ((r * c) % 2) + ((r * c) % 3) === 0,
  (r, c) => (((r * c) % 2) + ((r * c) % 3)) % 2 === 0,
  (r, c) => (((r + c) % 2) + ((r * c) % 3)) % 2 === 0,
]

const sum = (numbers: number[]) => numbers.reduce((all, one) => all + one, 0)

/** The code of a text; throws when it is longer than 213 bytes. With `mask` that one, else the best. */
export function qrCode(text: string, mask?: number): Modules {
  const bytes = utf8(text)
  const lengthBits = (number: number) => (number < 10 ? 8 : 16)
  const index = VERSIONS.findIndex(({ blocks }, i) => 4 + lengthBits(i + 1) + 8 * bytes.length <= 8 * sum(blocks))
  if (index < 0) throw new Error('the text is too long for this QR code')
  const number = index + 1
  const words = codewords(bytes, lengthBits(number), VERSIONS[index]!)
  const drawn = (mask === undefined ? [0, 1, 2, 3, 4, 5, 6, 7] : [mask]).map((one) => draw(number, VERSIONS[index]!, words, one))
  return drawn.reduce((best, one) => (penalty(one) < penalty(best) ? one : best))
}

/** Mode, length, text and padding, in blocks with their correction, interleaved. */
function codewords(bytes: Uint8Array, lengthBits: number, { ec, blocks }: Version): number[] {
  const room = sum(blocks)
  let bits = `0100${bytes.length.toString(2).padStart(lengthBits, '0')}`
  for (const byte of bytes) bits += byte.toString(2).padStart(8, '0')
  bits += '0'.repeat(Math.min(4, 8 * room - bits.length))
  bits = bits.padEnd(Math.ceil(bits.length / 8) * 8, '0')
  const data = (bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2))
  for (let i = 0; data.length < room; i++) data.push(i % 2 === 0 ? 0xec : 0x11)
  let from = 0
  const cut = blocks.map((size) => data.slice(from, (from += size)))
  const corrections = cut.map((block) => correction(block, ec))
  const interleaved = (rows: number[][]) =>
    Array.from({ length: Math.max(...rows.map((row) => row.length)) }, (_, i) => rows.flatMap((row) => (i < row.length ? [row[i]!] : []))).flat()
  return [...interleaved(cut), ...interleaved(corrections)]
}

const EXP: number[] = []
const LOG: number[] = []
for (let i = 0, x = 1; i < 255; i++) {
  EXP[i] = x
  LOG[x] = i
  x = x << 1
  if (x > 255) x ^= 0x11d
}

const times = (a: number, b: number) => (a === 0 || b === 0 ? 0 : EXP[(LOG[a]! + LOG[b]!) % 255]!)

/** Reed-Solomon over GF(256): the remainder by the product of (x - 2^i). */
function correction(data: number[], count: number): number[] {
  let generator = [1]
  for (let i = 0; i < count; i++) {
    const next = [...generator, 0]
    generator.forEach((factor, k) => (next[k + 1]! ^= times(factor, EXP[i]!)))
    generator = next
  }
  const rest = [...data, ...new Array<number>(count).fill(0)]
  for (let i = 0; i < data.length; i++) {
    const lead = rest[i]!
    generator.forEach((factor, k) => (rest[i + k]! ^= times(factor, lead)))
  }
  return rest.slice(data.length)
}

function draw(number: number, version: Version, words: number[], mask: number): Modules {
  const size = 17 + 4 * number
  const modules: Modules = Array.from({ length: size }, () => new Array<boolean>(size).fill(false))
  const taken: Modules = modules.map((row) => [...row])
  const set = (row: number, column: number, dark: boolean) => {
    if (row < 0 || column < 0 || row >= size || column >= size) return
    modules[row]![column] = dark
    taken[row]![column] = true
  }
  drawPatterns(size, version, set, (row, column) => taken[row]![column]!)
  drawFormat(size, mask, set)
  if (number >= 7) drawVersion(size, number, set)
  let bit = 0
  for (let right = size - 1, up = true; right > 0; right -= 2, up = !up) {
    if (right === 6) right = 5
    for (let i = 0; i < size; i++) {
      const row = up ? size - 1 - i : i
      for (const column of [right, right - 1]) {
        if (taken[row]![column]) continue
        const dark = (((words[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1) === 1
        modules[row]![column] = dark !== MASKS[mask]!(row, column)
        bit++
      }
    }
  }
  return modules
}

type SetModule = (row: number, column: number, dark: boolean) => void

function drawPatterns(size: number, { centres }: Version, set: SetModule, isTaken: (row: number, column: number) => boolean): void {
  for (const [row, column] of [
    [3, 3],
    [3, size - 4],
    [size - 4, 3],
  ] as const) {
    for (let y = -4; y <= 4; y++) {
      for (let x = -4; x <= 4; x++) set(row + y, column + x, ![2, 4].includes(Math.max(Math.abs(y), Math.abs(x))))
    }
  }
  for (const row of centres) {
    for (const column of centres) {
      if (isTaken(row, column)) continue
      for (let y = -2; y <= 2; y++) {
        for (let x = -2; x <= 2; x++) set(row + y, column + x, Math.max(Math.abs(y), Math.abs(x)) !== 1)
      }
    }
  }
  for (let i = 8; i < size - 8; i++) {
    set(6, i, i % 2 === 0)
    set(i, 6, i % 2 === 0)
  }
}

/** The remainder of `value` by a generator, as BCH codes have it. */
function remainder(value: number, generator: number, bits: number): number {
  let rest = value << bits
  const length = (n: number) => 32 - Math.clz32(n)
  while (length(rest) > bits) rest ^= generator << (length(rest) - bits - 1)
  return rest
}

/** Error correction M is written as 00. */
function drawFormat(size: number, mask: number, set: SetModule): void {
  const bits = ((mask << 10) | remainder(mask, 0x537, 10)) ^ 0x5412
  for (let i = 0; i < 15; i++) {
    const dark = ((bits >> i) & 1) === 1
    set(i < 6 ? i : i < 8 ? i + 1 : size - 15 + i, 8, dark)
    set(8, i < 8 ? size - 1 - i : i === 8 ? 7 : 14 - i, dark)
  }
  set(size - 8, 8, true)
}

function drawVersion(size: number, number: number, set: SetModule): void {
  const bits = (number << 12) | remainder(number, 0x1f25, 12)
  for (let i = 0; i < 18; i++) {
    const dark = ((bits >> i) & 1) === 1
    const [near, far] = [Math.floor(i / 3), size - 11 + (i % 3)]
    set(near, far, dark)
    set(far, near, dark)
  }
}

/** How hard a code is to read: long runs, blocks, what looks like a finder, an uneven share of dark. */
function penalty(modules: Modules): number {
  const columns = modules.map((_, i) => modules.map((row) => row[i]!))
  let points = 0
  for (const line of [...modules, ...columns]) {
    const text = line.map((dark) => (dark ? '1' : '0')).join('')
    for (const run of text.match(/0{5,}|1{5,}/g) ?? []) points += run.length - 2
    for (let i = 0; i + 11 <= text.length; i++) {
      if (['10111010000', '00001011101'].includes(text.slice(i, i + 11))) points += 40
    }
  }
  let dark = 0
  modules.forEach((row, r) =>
    row.forEach((one, c) => {
      dark += Number(one)
      if (r > 0 && c > 0 && one === row[c - 1] && one === modules[r - 1]![c] && one === modules[r - 1]![c - 1]) points += 3
    }),
  )
  const share = (dark * 100) / (modules.length * modules.length)
  return points + 10 * Math.floor(Math.abs(share - 50) / 5)
}
