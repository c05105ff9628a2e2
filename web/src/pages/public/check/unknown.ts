/** Whether the node says that there is no such thing: then the paper that names it is not to be trusted. */

import { ApiProblem } from '@/api'

const ABSENT = [404, 422]

export function isUnknown(error: unknown): boolean {
  return error instanceof ApiProblem && ABSENT.includes(error.status)
}
