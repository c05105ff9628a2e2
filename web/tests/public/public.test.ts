/** What the public pages decide for themselves: where a number leads, which record proves what, the lines of a split. */

import { readFileSync } from 'node:fs'

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { LogRecord } from '../../src/log/record'
import { plus, sumPayouts, type Payout } from '../../src/market'
import { birthOf, isResult, resultOf } from '../../src/pages/public/check/prints'
import { besideOf, entryOf, wayTo } from '../../src/pages/public/check/way'
import { linesOf } from '../../src/pages/public/lots/split'
import { accountWords, isShown, kindWords } from '../../src/pages/public/shared/kinds'

describe('what is typed', () => {
  it('leads to the page that checks it', () => {
    expect(wayTo('ticket', ' t1 ')).toBe('/check/ticket/t1')
    expect(wayTo('ticket', 't1/410000')).toBe('/check/ticket/t1/410000')
    expect(wayTo('lot', 'ｈｕｎａｎ-93')).toBe('/check/lot/hunan-93')
    expect(wayTo('entry', '０42')).toBeUndefined()
    expect(wayTo('entry', '42')).toBe('/check/entry/42')
  })

  it('may be the address in a QR code, of whatever kind', () => {
    for (const way of ['/check/ticket/t1', '/check/ticket/t1/410000', '/check/lot/l1', '/check/entry/0']) {
      expect(wayTo('ticket', `https://exchange.example/index.html#${way}`)).toBe(way)
    }
  })

  it('leads nowhere when it can be no number', () => {
    for (const text of ['', ' ', '张三', 't 1/..', '../x', '<b>', 'a/b/c', 'x'.repeat(65)]) {
      expect(wayTo('ticket', text)).toBeUndefined()
      expect(wayTo('entry', text)).toBeUndefined()
    }
    for (const text of ['-1', '1.5', '1e3', '', '01', '9'.repeat(17)]) expect(entryOf(text)).toBeUndefined()
    expect(entryOf('0')).toBe(0)
    expect(besideOf(0)).toEqual({ next: 1 })
    expect(besideOf(5)).toEqual({ previous: 4, next: 6 })
  })
})

describe('records', () => {
  const event = (kind: string, entry: number | null) => ({ kind, entry })

  it('of a ticket begin with its issue, or with its arrival from another province', () => {
    const trace = { original: 't1', records: [event('entry.issue', 3), event('entry.conversion_in', 9)] }
    expect(birthOf(trace, 't1')).toBe(3)
    expect(birthOf(trace, 't1/410000')).toBe(9)
    expect(birthOf({ original: 't1', records: [event('entry.issue', null)] }, 't1')).toBeUndefined()
  })

  it('of a lot’s result are the opening of sealed bids, else the close', () => {
    expect(resultOf([event('lot.closed', 4), event('lot.decided', 7)])).toBe(7)
    expect(resultOf([event('lot.closed', 4), event('lot.decided', null)])).toBe(4)
    expect(resultOf([event('lot.listed', 1)])).toBeUndefined()
  })

  it('name the winner and the price that the page shows, or none', () => {
    const record = (facts: Record<string, string>): LogRecord => ({
      kind: 'lot.closed',
      subject: 'l1',
      province: '500000',
      actor: null,
      at: '',
      policy: null,
      postings: [],
      facts: Object.entries(facts).map(([name, value]) => ({ name, value })),
    })
    const sold = { id: 'l1', winner: 'b1', price_cny: '62000.00' }
    expect(isResult(record({ winner: 'b1', price_cny: '62000.00' }), sold)).toBe(true)
    expect(isResult(record({ winner: 'b1', price_cny: '62000.01' }), sold)).toBe(false)
    expect(isResult(record({ winner: 'b2', price_cny: '62000.00' }), sold)).toBe(false)
    expect(isResult(record({ winner: 'b1', price_cny: '62000.00' }), { ...sold, id: 'l2' })).toBe(false)
    expect(isResult(record({ winner: '–', price_cny: '–' }), { id: 'l1', winner: null, price_cny: null })).toBe(true)
  })

  it('have words for every kind that the reference of the log knows', () => {
    const reference = readFileSync(new URL('../../../docs/reference/log-records.md', import.meta.url), 'utf8')
    const kinds = [...reference.matchAll(/^\| `([a-z_]+\.[a-z_]+|commit)` \|/gm)].map(([, kind]) => kind!)
    expect(kinds.length).toBeGreaterThan(70)
    expect(kinds.filter((kind) => kindWords(kind).en === kind)).toEqual([])
  })

  it('are shown in words, and name no household', () => {
    expect(kindWords('entry.issue').zh).toBe('核发复垦票')
    expect(kindWords('something.new')).toEqual({ zh: 'something.new', en: 'something.new' })
    expect(accountWords('housing:500000:h1').zh).toBe('农户住房账户')
    expect(accountWords('ticket:410000:t1/410000').en).toBe('Ticket t1/410000')
    expect(isShown('household')).toBe(false)
  })
})

describe('the split of a price', () => {
  const share = fc.bigInt({ min: 0n, max: 9_999n })
  const wire = (fen: bigint) => `${fen / 100n}.${String(fen % 100n).padStart(2, '0')}`

  it('goes from the price to what households got, and its lines add up', () => {
    const payout = fc.record({ reclamation: share, financing: share, collective: share, villager: share }).map(
      ({ reclamation, financing, collective, villager }): Payout => ({
        ticket: 't',
        area_m2: '1.00',
        share_cny: wire(reclamation + financing + collective + villager),
        reclamation_cost_cny: wire(reclamation),
        financing_cost_cny: wire(financing),
        net_cny: wire(collective + villager),
        parts: [
          { party: 'collective', weight: 15, amount_cny: wire(collective) },
          { party: 'villager', weight: 85, amount_cny: wire(villager) },
        ],
      }),
    )
    fc.assert(
      fc.property(fc.array(payout, { minLength: 1, maxLength: 4 }), (payouts) => {
        const { amount, lines } = linesOf(sumPayouts(payouts))
        expect(plus('0.00', ...lines.map((line) => line.amount))).toBe(amount)
        expect(lines[0]!.amount).toBe(sumPayouts(payouts).price)
      }),
    )
  })
})
