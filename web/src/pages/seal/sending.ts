/** Hands a sealed bid in; the only request of the page that carries the bidder's credential. */

import { isObject, type Json } from '../../base/canonical'
import { requestKey, type Envelope } from '../../seal/envelope'

export type Sent =
  | { kind: 'received'; receipt?: string }
  | { kind: 'refused'; zh: string; en: string; receipt?: string }
  | { kind: 'unsent' }

export async function sendBid(lot: string, bidder: string, { hash, note }: Envelope, token: string): Promise<Sent> {
  let answer: Response
  let body: unknown
  try {
    answer = await fetch('/v1/sealed-bids', {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${token}`,
        'Content-Type': 'application/json',
        'Idempotency-Key': requestKey(hash),
      },
      body: JSON.stringify({ lot, bidder, note }),
    })
    body = await answer.json()
  } catch {
    return { kind: 'unsent' }
  }
  const fields: Record<string, Json> = isObject(body) ? body : {}
  const receipt = isObject(fields.receipt) ? fields.receipt.note : undefined
  const kept = typeof receipt === 'string' ? { receipt } : {}
  if (answer.ok) return { kind: 'received', ...kept }
  const title = typeof fields.title === 'string' ? fields.title : String(answer.status)
  const english = typeof fields.title_en === 'string' ? fields.title_en : String(answer.status)
  return { kind: 'refused', zh: title, en: english, ...kept }
}
