/** Where anybody can check a paper, without signing in: what the QR codes say. */

const PUBLIC = new URL('./index.html', location.href).href

/** The page that checks a ticket. */
export function ticketCheck(ticket: string): string {
  return `${PUBLIC}#/check/ticket/${ticket}`
}

/** The page that shows an entry of the public log with its proof. */
export function entryCheck(entry: number): string {
  return `${PUBLIC}#/check/entry/${entry}`
}
