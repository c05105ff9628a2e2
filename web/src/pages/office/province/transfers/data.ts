/** What the pages of transfers read: transfers with their steps, names, coefficients. */

import { all, get, type Out } from '@/api'
import { sameRate, transferRights, transferStep } from '@/market'
import { namesOf, provinceOf, type Names } from '@/pages/names'

export type Transfer = Out<'TransferOut'>
export type Steps = Out<'HistoryOut'>['steps']
export type Coefficient = Out<'CoefficientOut'>
/** What a conversion needs of a coefficient; its days are shown where they are known here. */
export type Rate = Pick<Coefficient, 'id' | 'yield_out' | 'yield_in' | 'document'> & Partial<Pick<Coefficient, 'valid_from' | 'valid_to'>>
export type Crossing = Out<'CrossingOut'>

export interface Row extends Transfer {
  steps: Steps
}

export interface Transfers {
  rows: Row[]
  names: Names
  coefficients: Coefficient[]
}

export async function transfers(signal: AbortSignal): Promise<Transfers> {
  const [found, histories, regions, coefficients] = await Promise.all([
    all('/v1/transfers', undefined, signal),
    all('/v1/reports/transfers', undefined, signal),
    all('/v1/regions', undefined, signal),
    all('/v1/coefficients', undefined, signal),
  ])
  const steps = new Map(histories.map(({ transfer, steps }) => [transfer, steps]))
  return {
    rows: found.map((transfer) => ({ ...transfer, steps: steps.get(transfer.id) ?? [] })),
    names: namesOf(regions),
    coefficients,
  }
}

/** The coefficient that a transfer between nodes was proposed by, with its days where it is known. */
export function rateOf({ coefficient, yield_out, yield_in, coefficient_document: document }: Crossing, all: readonly Coefficient[]): Rate {
  const stated = { id: coefficient, yield_out, yield_in, document }
  const known = all.find(({ id }) => id === coefficient)
  return known && sameRate(known, stated) ? known : stated
}

export type Shelf = 'mine' | 'others' | 'done'

export function shelfOf(row: Transfer, role: string, party: string): Shelf {
  if (transferStep(row) === undefined) return 'done'
  const { accept, approve } = transferRights(row, role, party)
  return accept || approve ? 'mine' : 'others'
}

/** When the present step began. */
export function sinceOf({ steps }: Row): string | undefined {
  return steps.at(-1)?.at
}

export interface Leaving {
  ticket: Out<'TicketOut'>
  city: string
}

/** How many dossiers are opened to find the tickets; what is beyond is asked for by its dossier. */
const OPENED_MAX = 200

/** Tickets of a province that may leave it: issued, with a city elsewhere that took the household in. */
export async function leaving(province: string, signal: AbortSignal): Promise<{ tickets: Leaving[]; names: Names; coefficients: Coefficient[] }> {
  const [tickets, applications, regions, coefficients] = await Promise.all([
    all('/v1/tickets', undefined, signal),
    all('/v1/applications', undefined, signal),
    all('/v1/regions', undefined, signal),
    all('/v1/coefficients', undefined, signal),
  ])
  const issued = new Map(tickets.filter(({ state }) => state === 'issued').map((ticket) => [ticket.id, ticket]))
  const away = applications.filter(({ state, city }) => state === 'accepted' && city !== null && provinceOf(city) !== province)
  const found = await Promise.all(
    away.slice(0, OPENED_MAX).map(async ({ household, city }): Promise<Leaving[]> => {
      const dossier = await get('/v1/households/{household}/dossier', { path: { household }, signal })
      const ticket = issued.get(dossier.ticket ?? '')
      return ticket && city !== null ? [{ ticket, city }] : []
    }),
  )
  return { tickets: found.flat(), names: namesOf(regions), coefficients }
}
