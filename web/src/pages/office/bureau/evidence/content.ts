/** The bytes of pieces on their way: spelled for a request, fetched, painted, held against the log. */

import { address, fetchFile, type Out } from '@/api'
import { isObject } from '@/base/canonical'
import { commitmentOf } from '@/base/commitment'
import { fitted } from '@/market'
import { prove } from '@/pages/villager/ticket/prove'

type Piece = Out<'EvidenceOut'>

/** Bytes in base64; the browser's own reader does it without holding up the page. */
export function spelled(content: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader()
    reader.addEventListener('load', () => resolve(String(reader.result).split(',')[1] ?? ''))
    reader.addEventListener('error', () => reject(reader.error ?? new Error('not read')))
    reader.readAsDataURL(new Blob([content]))
  })
}

export function contentOf(piece: Piece, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
  return fetchFile(address('/v1/evidence/{evidence}', { path: { evidence: piece.id } }), signal)
}

export function isOf(piece: Piece, content: Uint8Array): boolean {
  return commitmentOf(piece.salt, content) === piece.commitment
}

/** Paints a picture; throws when it is none. A canvas needs no address, which a policy would forbid. */
export async function paint(canvas: HTMLCanvasElement, piece: Piece, content: Uint8Array<ArrayBuffer>, most: number): Promise<void> {
  const picture = await createImageBitmap(new Blob([content], { type: piece.media_type }))
  Object.assign(canvas, fitted(picture.width, picture.height, most))
  canvas.getContext('2d')?.drawImage(picture, 0, 0, canvas.width, canvas.height)
  picture.close()
}

export type Held =
  | { verdict: 'proven'; index: number; size: number }
  | { verdict: 'same' | 'other' | 'log' }

/** Whether a file that somebody holds is the one that the log tells of; the proof is checked here. */
export async function held(piece: Piece, content: Uint8Array): Promise<Held> {
  if (!isOf(piece, content)) return { verdict: 'other' }
  if (piece.entry === null) return { verdict: 'same' }
  try {
    const { record, index, size } = await prove(piece.entry)
    return says(record, piece) ? { verdict: 'proven', index, size } : { verdict: 'log' }
  } catch {
    return { verdict: 'same' }
  }
}

function says(record: string, piece: Piece): boolean {
  const { kind, subject, body } = JSON.parse(record) as { kind?: unknown; subject?: unknown; body?: unknown }
  if (kind !== 'evidence.filed' || subject !== piece.id || !isObject(body)) return false
  const { application, commitment, kind: shows } = body
  return application === piece.application && commitment === piece.commitment && shows === piece.kind
}
