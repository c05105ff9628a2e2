/** Asking for a use: a request that the fund centre decides, with the terms of the use's own command. */

import { newKey, useCommand, type Out, type Sent } from '@/api'

export type Request = Sent<'/v1/redemption-requests'>

/** One id for one request, however often it is sent. */
export function useAsking(kind: Out<'RedemptionKind'>, household: () => string) {
  const command = useCommand('/v1/redemption-requests', { keep: `ask:${kind}` })
  const id = `q-${newKey()}`
  const asked = (terms: Request['terms']): Request => ({ id, household: household(), kind, terms })
  return { command, asked }
}
