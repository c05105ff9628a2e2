/** One intention, one key: no click, repetition or lost answer does it twice. */

import { beforeEach, expect, it, vi } from 'vitest'

import { useCommand } from '../../src/api/command'
import { address, get, setCsrf } from '../../src/api/http'
import { recallIntent } from '../../src/api/intents'
import { ApiProblem, Unreachable } from '../../src/api/problems'

const BID = { lot: 'l1', bidder: 'b1', price_cny: '54000.00' }
const sent: { url: string; key: string | null; csrf: string | null; body: string }[] = []
let answers: (() => Promise<Response>)[] = []

const json = (status: number, body: object) => async () =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } })
const lost = () => Promise.reject(new TypeError('network'))
const refusal = json(409, { code: 'bid-below-increment', title: '太低', title_en: 'Too low', status: 409, errors: [], request_id: 'r' })

beforeEach(() => {
  sent.length = 0
  answers = []
  setCsrf('token')
  const kept = new Map<string, string>()
  vi.stubGlobal('navigator', {})
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
    removeItem: (key: string) => kept.delete(key),
  })
  vi.stubGlobal('fetch', (url: string, init: RequestInit) => {
    const headers = new Headers(init.headers)
    sent.push({ url, key: headers.get('Idempotency-Key'), csrf: headers.get('X-CSRF-Token'), body: String(init.body) })
    return (answers.shift() ?? lost)()
  })
  vi.useFakeTimers()
})

async function through<T>(work: Promise<T>): Promise<T> {
  await vi.runAllTimersAsync()
  return work
}

it('sends body, key and token, and is done', async () => {
  answers = [json(201, { lot: 'l1', receipt: { id: 'x', note: 'signed' } })]
  const command = useCommand('/v1/bids')
  await through(command.run(BID))
  expect(command.state.value).toBe('done')
  expect(command.receipt.value).toBe('signed')
  expect(sent).toEqual([{ url: '/v1/bids', key: expect.stringMatching(/^[0-9a-f]{32}$/), csrf: 'token', body: JSON.stringify(BID) }])
})

it('repeats a lost answer under the same key until there is one', async () => {
  answers = [lost, json(503, { code: 'busy' }), json(201, {})]
  const command = useCommand('/v1/bids')
  await through(command.run(BID))
  expect(command.state.value).toBe('done')
  expect(new Set(sent.map(({ key }) => key)).size).toBe(1)
})

it('says that it does not know, and finds out under the same key', async () => {
  const command = useCommand('/v1/bids')
  await through(command.run(BID))
  expect(command.state.value).toBe('unsent')
  expect(command.pending.value).toEqual(BID)
  answers = [json(201, {})]
  await through(command.again())
  expect(command.state.value).toBe('done')
  expect(new Set(sent.map(({ key }) => key)).size).toBe(1)
})

it('ignores a second click while the first still runs', async () => {
  answers = [json(201, {})]
  const command = useCommand('/v1/bids')
  await through(Promise.all([command.run(BID), command.run(BID)]))
  expect(sent).toHaveLength(1)
})

it('shows a refusal and takes a new key for the next try', async () => {
  answers = [refusal, json(201, {})]
  const command = useCommand('/v1/bids')
  await through(command.run(BID))
  expect(command.state.value).toBe('refused')
  expect(command.problem.value).toMatchObject({ code: 'bid-below-increment', zh: '太低', en: 'Too low' })
  await through(command.run({ ...BID, price_cny: '55000.00' }))
  expect(new Set(sent.map(({ key }) => key)).size).toBe(2)
})

it('remembers through a refresh what is unresolved, and asks for that first', async () => {
  await through(useCommand('/v1/bids', { keep: 'bid:l1' }).run(BID))
  const after = useCommand('/v1/bids', { keep: 'bid:l1' })
  expect([after.state.value, after.pending.value]).toEqual(['unsent', BID])
  answers = [json(201, {})]
  await through(after.again())
  expect(new Set(sent.map(({ key }) => key)).size).toBe(1)
  expect(recallIntent('bid:l1')).toBeUndefined()
})

it('does not send a second bid while another tab has one unresolved', async () => {
  await through(useCommand('/v1/bids', { keep: 'bid:l1' }).run(BID))
  const other = useCommand('/v1/bids', { keep: 'bid:l1' })
  answers = [json(201, {})]
  await through(other.run({ ...BID, price_cny: '60000.00' }))
  expect(sent.every(({ body }) => body === JSON.stringify(BID))).toBe(true)
})

it('tells a refusal from no answer when it asks', async () => {
  answers = [lost, refusal]
  await expect(get('/v1/lots')).rejects.toBeInstanceOf(Unreachable)
  await expect(get('/v1/lots')).rejects.toBeInstanceOf(ApiProblem)
})

it('writes addresses as the API reads them', () => {
  expect(address('/v1/tickets/{ticket}', { path: { ticket: 't1/410000' } })).toBe('/v1/tickets/t1/410000')
  expect(address('/v1/lots', { query: { limit: 5, cursor: null, state: undefined } })).toBe('/v1/lots?limit=5')
  expect(address('/v1/lots/{lot}', { path: { lot: 'a?b' } })).toBe('/v1/lots/a%3Fb')
  expect(() => address('/v1/lots/{lot}', { path: {} })).toThrow()
})
