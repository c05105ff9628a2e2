/** What the pages of a household are made of, and the one request that is sent before all others. */

import { get, useData, useSession, type Answer, type Data, type Out } from '@/api'
import { enteredSteps, type PaymentFacts } from '@/market'

export type Account = Out<'HousingAccountOut'>

/** A household's matter from the application to the money; null for what does not exist yet. */
export interface Matter {
  dossier: Out<'DossierOut'>
  application: Out<'ApplicationOut'> | null
  ticket: Out<'TicketOut'> | null
  lot: Out<'LotOut'> | null
  account: Out<'HousingAccountDetailOut'> | null
}

type Accounts = Answer<'/v1/housing-accounts'>
let early: Promise<Accounts> | undefined

/** Ask for the balance while the page still finds out who is there: the cookie says whose it is. */
export function askEarly(): void {
  early = get('/v1/housing-accounts', { query: { limit: 1 } })
  // Whoever takes it hears of the failure.
  early.catch(() => undefined)
}

/** The account as far as the first screen needs it; null before there is a ticket. */
export function useBalance(): Data<Account | null> {
  return useData(
    async (signal) => {
      const first = early
      early = undefined
      const accounts = await (first ?? get('/v1/housing-accounts', { query: { limit: 1 }, signal }))
      return accounts.items[0] ?? null
    },
    { every: 60 },
  )
}

/** Everything about the household's matter, as of now. */
export function useMatter(): Data<Matter> {
  const { session } = useSession()
  return useData((signal) => loadMatter(session.value?.party ?? '', signal), { every: 60 })
}

async function loadMatter(household: string, signal: AbortSignal): Promise<Matter> {
  const dossier = await get('/v1/households/{household}/dossier', { path: { household }, signal })
  const lot = dossier.lots[dossier.lots.length - 1]
  const [applied, ticketed, listed, account] = await Promise.all([
    dossier.application === null ? null : get('/v1/applications/{application}', { path: { application: dossier.application }, signal }),
    dossier.ticket === null ? null : get('/v1/tickets/{ticket}', { path: { ticket: dossier.ticket }, signal }),
    lot === undefined ? null : get('/v1/lots/{lot}', { path: { lot }, signal }),
    dossier.original_ticket === null ? null : get('/v1/housing-accounts/{household}', { path: { household }, signal }),
  ])
  return { dossier, application: applied, ticket: ticketed, lot: listed, account }
}

export type Hold = Out<'DossierHoldOut'>

/** The hold that stands on the application: the household said that it did not agree. */
export function standingHold({ dossier }: Matter): Hold | undefined {
  return dossier.holds.find(({ outcome }) => outcome === null)
}

/** The facts that the payment clock is set by. */
export function paymentFacts(matter: Matter): PaymentFacts {
  const { dossier, application, ticket, lot } = matter
  const hold = standingHold(matter)
  return {
    ...(application ? { application } : {}),
    ...(hold ? { hold } : {}),
    ...(ticket ? { ticket } : {}),
    ...(lot ? { lot } : {}),
    entered: enteredSteps(dossier.events, ticket?.state),
  }
}

