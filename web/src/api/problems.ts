/** How a request can fail: the API said no and why, or nobody knows what became of it. */

import { isObject } from '../base/canonical'
import type { Out } from './types'

/** The API's refusal, RFC 9457: `code` is stable, the texts say what is wrong and what to do. */
export class ApiProblem extends Error {
  readonly code: string
  readonly zh: string
  readonly en: string
  readonly status: number
  readonly requestId: string
  readonly fields: readonly { pointer: string; code: string }[]
  /** The signed receipt of a refusal that is on record. */
  readonly receipt: string | undefined
  /** What stands in the way, where a page can show it; by `code`. */
  readonly about: Readonly<Record<string, unknown>> | undefined

  constructor(problem: Partial<Out<'Problem'>>, status: number, receipt?: string) {
    super(problem.title_en ?? `HTTP ${status}`)
    this.code = problem.code ?? 'unknown'
    this.zh = problem.title ?? `服务器答复 ${status}，请稍后再试。`
    this.en = problem.title_en ?? `The server answered ${status}. Try again later.`
    this.status = status
    this.requestId = problem.request_id ?? ''
    this.fields = (problem.errors ?? []).map(({ pointer, code }) => ({ pointer, code }))
    this.receipt = receipt
    this.about = problem.about ?? undefined
  }
}

/** No answer came: offline, cut off, or too slow. The request may have had its effect. */
export class Unreachable extends Error {}

/** Answers that say that the same request will do better a little later. */
export function isPassing(error: unknown): boolean {
  if (error instanceof Unreachable) return true
  return error instanceof ApiProblem && (error.status >= 500 || error.code === 'idempotency-key-in-progress')
}

/** The receipt's signed note inside an answer, where there is one. */
export function receiptOf(body: unknown): string | undefined {
  if (!isObject(body) || !isObject(body.receipt)) return undefined
  const { note } = body.receipt
  return typeof note === 'string' ? note : undefined
}

export async function problemOf(answer: Response): Promise<ApiProblem> {
  let body: unknown
  try {
    body = await answer.json()
  } catch {
    body = undefined
  }
  const fields = isObject(body) ? (body as unknown as Partial<Out<'Problem'>>) : {}
  return new ApiProblem(fields, answer.status, receiptOf(body))
}
