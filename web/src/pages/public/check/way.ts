/** What somebody wants checked, from what was typed or pasted: a number, or the address in a QR code. Pure. */

export type Thing = 'ticket' | 'lot' | 'entry'

const ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/
const TICKET = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}(?:\/[A-Za-z0-9][A-Za-z0-9._-]{0,63})?$/
const ENTRY = /^(?:0|[1-9][0-9]{0,15})$/
const ADDRESS = /#\/check\/(ticket|lot|entry)\/(.+)$/

const FORMS: Record<Thing, RegExp> = { ticket: TICKET, lot: ID, entry: ENTRY }

/** The page that checks it; undefined when what was typed cannot be its number. */
export function wayTo(thing: Thing, typed: string): string | undefined {
  const plain = typed.normalize('NFKC').trim()
  const address = ADDRESS.exec(plain)
  const [kind, id] = address ? [address[1] as Thing, address[2]!.replace(/[?#].*$/, '')] : [thing, plain.replace(/\s/g, '')]
  return FORMS[kind].test(id) ? `/check/${kind}/${id}` : undefined
}

/** The index of an entry as it stands in an address; undefined for anything else. */
export function entryOf(index: string): number | undefined {
  return ENTRY.test(index) && Number.isSafeInteger(Number(index)) ? Number(index) : undefined
}

/** The entries before and after one. */
export function besideOf(entry: number | undefined): { previous?: number; next?: number } {
  if (entry === undefined) return {}
  return { ...(entry > 0 ? { previous: entry - 1 } : {}), next: entry + 1 }
}
