/** What became of a request whose answer was lost, asked without sending it again. */

import { ApiProblem, get, recallIntent } from '@/api'

/** `nothing`: the server has not got it, as far as it knows now. */
export type Outcome = 'done' | 'refused' | 'nothing'

/** Ask by the key that is kept in this browser under a name. Throws when nobody can say now. */
export async function outcomeOf(kept: string): Promise<Outcome> {
  const key = recallIntent(kept)?.key
  if (key === undefined) return 'nothing'
  try {
    const { status } = await get('/v1/outcomes/{key}', { path: { key } })
    return status < 300 ? 'done' : 'refused'
  } catch (error) {
    if (error instanceof ApiProblem && error.status === 404) return 'nothing'
    throw error
  }
}
