/** A lot's notice as a bidder needs it: read from its terms, and its hash computed anew. Pure. */

import { hex, utf8 } from '@/base/bytes'
import { canonical, type Json } from '@/base/canonical'
import { sha256 } from '@/base/hash'
import type { Out } from '@/api'

export interface Terms {
  extensionSeconds: number | null
  minBidders: number | null
  sealedTie: string | null
  paymentDays: number | null
  noticeDays: number | null
  openingDays: number | null
  threshold: number | null
  custodians: string[]
  ticketsHash: string | null
  reserveCommitment: string | null
  policy: string | null
}

export function termsOf({ terms }: Out<'NoticeOut'>): Terms {
  const fields = terms as Record<string, Json | undefined>
  const text = (name: string) => (typeof fields[name] === 'string' ? fields[name] : null)
  const count = (name: string) => (typeof fields[name] === 'number' ? fields[name] : null)
  const keepers = Array.isArray(fields.custodians) ? fields.custodians : []
  return {
    extensionSeconds: count('extension_seconds'),
    minBidders: count('min_bidders'),
    sealedTie: text('sealed_tie'),
    paymentDays: count('payment_days'),
    noticeDays: count('notice_days'),
    openingDays: count('opening_days'),
    threshold: count('threshold'),
    custodians: keepers.flatMap((one) => (Array.isArray(one) && typeof one[0] === 'string' ? [one[0]] : [])),
    ticketsHash: text('tickets_hash'),
    reserveCommitment: text('reserve_commitment'),
    policy: text('policy'),
  }
}

/** Whether the terms have the hash that the notice and the lot say; computed here, not believed. */
export function isIntact(notice: Out<'NoticeOut'>, lot: Pick<Out<'LotOut'>, 'notice_hash'>): boolean {
  try {
    const own = hex(sha256(utf8(canonical(notice.terms as Json))))
    return own === notice.hash && (lot.notice_hash === null || own === lot.notice_hash)
  } catch {
    return false
  }
}

/** Seconds as whole minutes where they are such. */
export function minutes(seconds: number): { minutes: number; seconds: number } {
  return { minutes: Math.floor(seconds / 60), seconds: seconds % 60 }
}
