/** Which record stands for a ticket or a result, and whether it says the same as the page. Pure. */

import type { Out } from '@/api'
import { factOf, type LogRecord } from '@/log/record'

type Event = Pick<Out<'EventOut'>, 'kind' | 'entry'>

/** The entry that made a ticket: its issue, or its arrival from another province. */
export function birthOf({ original, records }: { original: string; records: readonly Event[] }, ticket: string): number | undefined {
  return lastOf(records, ticket === original ? ['entry.issue'] : ['entry.conversion_in'])
}

/** The entry that says a lot's result. */
export function resultOf(records: readonly Event[]): number | undefined {
  return lastOf(records, ['lot.decided']) ?? lastOf(records, ['lot.closed'])
}

function lastOf(records: readonly Event[], kinds: readonly string[]): number | undefined {
  const found = records.filter(({ kind, entry }) => kinds.includes(kind) && entry !== null)
  return found[found.length - 1]?.entry ?? undefined
}

/** Whether a record of a result names this winner and price, or none where there is none. */
export function isResult(record: LogRecord, lot: Pick<Out<'LotOut'>, 'id' | 'winner' | 'price_cny'>): boolean {
  const said = (name: string) => factOf(record, name) ?? '–'
  return record.subject === lot.id && said('winner') === (lot.winner ?? '–') && said('price_cny') === (lot.price_cny ?? '–')
}
