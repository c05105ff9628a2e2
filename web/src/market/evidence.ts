/** Pieces of evidence: what a file is by its bytes, how large, and which one stands. */

export type MediaType = 'application/pdf' | 'image/jpeg' | 'image/png'

interface Piece {
  kind: string
  replaced_by: string | null
}

/** The largest file that is taken; the server judges it again. */
export const EVIDENCE_BYTES_MAX = 4 * 1024 * 1024

const PHOTOS = ['photo_before', 'photo_after']
const KIB = 1024
const BEGINNINGS: readonly [MediaType, readonly number[]][] = [
  ['application/pdf', [0x25, 0x50, 0x44, 0x46, 0x2d]],
  ['image/jpeg', [0xff, 0xd8, 0xff]],
  ['image/png', [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
]

/** The format that a file begins as; undefined for what is not taken. */
export function formatOf(content: Uint8Array): MediaType | undefined {
  return BEGINNINGS.find(([, bytes]) => bytes.every((byte, i) => content[i] === byte))?.[0]
}

export type EvidenceFault = 'empty' | 'large' | 'format' | 'picture'

/** What is wrong with a file for a kind, before anything is sent. */
export function evidenceFault(kind: string | undefined, content: Uint8Array): EvidenceFault | undefined {
  if (content.length === 0) return 'empty'
  if (content.length > EVIDENCE_BYTES_MAX) return 'large'
  const format = formatOf(content)
  if (format === undefined) return 'format'
  return kind !== undefined && PHOTOS.includes(kind) && format === 'application/pdf' ? 'picture' : undefined
}

/** A size as people read it, rounded up: `312 KiB`, `3.4 MiB`. */
export function fileSize(bytes: number): string {
  if (bytes < KIB) return `${bytes} B`
  if (bytes < KIB * KIB) return `${Math.ceil(bytes / KIB)} KiB`
  const tenths = Math.ceil((bytes * 10) / (KIB * KIB))
  return `${Math.floor(tenths / 10)}.${tenths % 10} MiB`
}

/** Whole percent of what is sent; all is said only when it is. */
export function sentPercent(sent: number, all: number): number {
  return all <= 0 ? 0 : Math.min(100, Math.floor((sent * 100) / all))
}

/** The pieces of a kind that another one may replace. */
export function replaceable<P extends Piece>(pieces: readonly P[], kind: P['kind']): P[] {
  return pieces.filter((piece) => piece.kind === kind && piece.replaced_by === null)
}

/** The size of a picture that fits into a square, as large as it is at most. */
export function fitted(width: number, height: number, most: number): { width: number; height: number } {
  const longer = Math.max(width, height)
  if (longer <= most) return { width, height }
  const scaled = (side: number) => Math.max(1, Math.round((side * most) / longer))
  return { width: scaled(width), height: scaled(height) }
}
