/** What the desk and a dossier read of the API. Households stay out of addresses of pages. */

import { all, get, type Out } from '@/api'
import type { Matter } from '@/market'
import { openOf, sinceOf, type Application, type Whole } from './facts'

export interface DeskMatter extends Matter {
  application: Application
}

/** How many dossiers a desk opens by itself; the others say their next task when they are opened. */
const OPENED_MAX = 200
const AT_ONCE = 6
const ENDED = ['revoked', 'rejected']

/** Every application of the party, those in progress with what their dossiers say. */
export async function deskMatters(signal: AbortSignal): Promise<DeskMatter[]> {
  const [applications, tickets] = await Promise.all([all('/v1/applications', undefined, signal), all('/v1/tickets', undefined, signal)])
  const states = new Map(tickets.map(({ id, state }) => [id, state]))
  const matters = applications.map(unopened)
  const open = matters
    .filter(hasMore)
    .sort((a, b) => (rank(a) < rank(b) ? -1 : rank(a) > rank(b) ? 1 : 0))
    .slice(0, OPENED_MAX)
  await inTurns(open, async (matter) => Object.assign(matter, await opened(matter.application, states, signal)))
  return matters
}

/** Whether only the dossier says what is next, or since when it is held. */
function hasMore({ application: { state, hold } }: DeskMatter): boolean {
  return hold !== null || (state !== 'applied' && !ENDED.includes(state))
}

/** How many dossiers a desk left closed. */
export function leftClosed(matters: readonly DeskMatter[]): number {
  return Math.max(0, matters.filter(hasMore).length - OPENED_MAX)
}

function unopened(application: Application): DeskMatter {
  return { application, openObjections: null, ticket: undefined, since: application.applied_at }
}

/** What is held comes first; accepted land last, the newest first: most of it is long sold. */
function rank({ application }: DeskMatter): number {
  if (application.hold !== null) return -Infinity
  return application.state === 'accepted' ? -Date.parse(application.applied_at) : -Number.MAX_SAFE_INTEGER
}

async function opened(application: Application, states: ReadonlyMap<string, string>, signal: AbortSignal): Promise<Partial<DeskMatter>> {
  const dossier = await get('/v1/households/{household}/dossier', { path: { household: application.household }, signal })
  // Of a household that applied again, the dossier tells of the other application.
  if (dossier.application !== application.id) return {}
  const ticket = dossier.ticket === null ? null : (states.get(dossier.ticket) ?? null)
  return { openObjections: openOf(dossier), ticket, since: sinceOf(application, dossier, ticket) }
}

async function inTurns<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> {
  const queue = [...items]
  const turn = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, turn))
}

/** A dossier with everything that it names. */
export async function wholeDossier(id: string, signal: AbortSignal): Promise<Whole> {
  const application = await get('/v1/applications/{application}', { path: { application: id }, signal })
  const [found, policies, collectives] = await Promise.all([
    get('/v1/households/{household}/dossier', { path: { household: application.household }, signal }),
    all('/v1/policies', undefined, signal),
    all('/v1/collectives', undefined, signal),
  ])
  const dossier = found.application === id ? found : null
  const lotId = dossier?.lots.at(-1)
  const [ticket, lot] = await Promise.all([
    dossier?.ticket ? get('/v1/tickets/{ticket}', { path: { ticket: dossier.ticket }, signal }) : null,
    lotId ? get('/v1/lots/{lot}', { path: { lot: lotId }, signal }) : null,
  ])
  return {
    application,
    dossier,
    ticket,
    lot,
    payout: ticket?.state === 'settled' && lot ? await payoutOf(lot.id, ticket.id, signal) : null,
    policy: policies.find((one) => one.id === application.policy) ?? null,
    collective: collectives.find((one) => one.id === application.collective) ?? null,
  }
}

async function payoutOf(lot: string, ticket: string, signal: AbortSignal): Promise<Out<'PayoutOut'> | null> {
  const rows = await all('/v1/lots/{lot}/payouts', { path: { lot } }, signal)
  return rows.find((row) => row.ticket === ticket) ?? null
}
