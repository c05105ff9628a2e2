/** The dates of a lot in their order, and which have come. Pure. */

import type { Lot } from './lots'

export interface DatedStep {
  key: 'notice' | 'opening' | 'close' | 'custody' | 'payment'
  at: string | null
  state: 'done' | 'now' | 'late' | 'todo'
}

/** A step is `now` while it is what comes next; a payment that is overdue is late. */
export function schedule(lot: Lot, noticedAt: string, now: number): DatedStep[] {
  const custody = lot.sealing === 'lqx-seal/1'
  const over = ['sold', 'unsold', 'paid', 'defaulted'].includes(lot.state)
  const closed = over || lot.state === 'closed'
  const opened = closed || lot.state === 'frozen' || Date.parse(lot.opens_at) <= now
  const steps: [DatedStep['key'], string | null, boolean][] = [
    ['notice', noticedAt, true],
    ['opening', lot.opens_at, opened],
    ['close', lot.closes_at, closed],
  ]
  if (custody) steps.push(['custody', lot.opening_due_at, over])
  if (lot.state !== 'unsold') steps.push(['payment', lot.payment_due_at, lot.state === 'paid'])
  const next = steps.findIndex(([, , done]) => !done)
  return steps.map(([key, at, done], i): DatedStep => {
    const late = key === 'payment' && lot.state === 'defaulted'
    return { key, at, state: done ? 'done' : late ? 'late' : i === next ? 'now' : 'todo' }
  })
}
