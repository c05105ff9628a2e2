/** What became of a request whose answer was lost, asked without sending it again. */

import { ApiProblem, get } from '@/api'

/** `nothing`: the server has not got it, as far as it knows now. */
export type Outcome = 'done' | 'refused' | 'nothing'

/** Ask by its Idempotency-Key. Throws when nobody can say now. */
export async function outcomeOf(key: string): Promise<Outcome> {
  try {
    const { status } = await get('/v1/outcomes/{key}', { path: { key } })
    return status < 300 ? 'done' : 'refused'
  } catch (error) {
    if (error instanceof ApiProblem && error.status === 404) return 'nothing'
    throw error
  }
}
