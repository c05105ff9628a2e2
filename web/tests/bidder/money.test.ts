/** What a bidder's lots add up to, what became of deposits, what an offer means. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import type { Out } from '@/api'
import { compare, hundredths, permitted, plus, toWire } from '@/market'
import { clockFace, errorSeconds } from '@/pages/office/bidder/face'
import { ANY, inOrder, wayInto, wished, type Lot } from '@/pages/office/bidder/lots'
import { burden, maximumWorks, offerOf, STEP_CAP } from '@/pages/office/bidder/offer'
import { besides, board, deposits, missingCash, ownStand, stakeOf, stillDue, type OwnLot } from '@/pages/office/bidder/stakes'

const lot = (fields: Partial<Lot>): Lot =>
  ({
    id: 'l1',
    province: '430000',
    mode: 'ascending',
    sealing: null,
    state: 'open',
    area_m2: '180.00',
    start_price_cny: '54000.00',
    increment_cny: '1000.00',
    deposit_cny: '10000.00',
    opens_at: '2026-04-13T09:00:00+08:00',
    closes_at: '2026-04-13T10:00:00+08:00',
    current_price_cny: null,
    price_cny: null,
    winner: null,
    payment_due_at: null,
    ...fields,
  }) as Lot

const money = fc.integer({ min: 0, max: 30 }).map((n) => toWire(BigInt(n) * 100_00n))
const own = fc
  .record({
    state: fc.constantFrom('listed', 'open', 'frozen', 'closed', 'sold', 'unsold', 'paid', 'defaulted'),
    own: fc.option(money),
    maximum: fc.option(money),
    leads: fc.boolean(),
    deposit: money,
    id: fc.constantFrom('l1', 'l2', 'l3'),
  })
  .map(({ state, id, deposit, ...rest }): OwnLot => ({ lot: lot({ id, state, deposit_cny: deposit }), paddle: 7, ...rest }))

describe('exposure', () => {
  test('at the most is never less than now, and what is over costs nothing', () => {
    fc.assert(
      fc.property(fc.array(own, { maxLength: 5 }), money, (lots, cash) => {
        const total = board(lots, cash)
        expect(compare(total.most, total.now)).toBeGreaterThanOrEqual(0)
        const gone = lots.filter((one) => ['unsold', 'paid', 'defaulted'].includes(one.lot.state))
        expect(board(gone, cash)).toMatchObject({ now: '0.00', most: '0.00', deposits: '0.00', short: '0.00' })
      }),
    )
  })

  test('what is short is exactly what cash and deposits leave open', () => {
    fc.assert(
      fc.property(fc.array(own, { maxLength: 5 }), money, (lots, cash) => {
        const { short, most, deposits: held } = board(lots, cash)
        const gap = hundredths(most) - hundredths(cash) - hundredths(held)
        expect(hundredths(short)).toBe(gap > 0n ? gap : 0n)
      }),
    )
  })

  test('the other lots and this bid are the burden of this bid', () => {
    const lots: OwnLot[] = [
      { lot: lot({}), paddle: 7, own: '60000.00', maximum: null, leads: true },
      { lot: lot({ id: 'l2' }), paddle: 8, own: '70000.00', maximum: '90000.00', leads: false },
    ]
    const means = { cash: '50000.00', limit: '150000.00', ...besides(lots, 'l1') }
    expect(means).toMatchObject({ others: '90000.00', deposits: '20000.00' })
    expect(burden(means, '61000.00')).toEqual({ most: '151000.00', overCash: true, overLimit: true })
    expect(burden({ ...means, limit: undefined, cash: '500000.00' }, '61000.00')).toEqual({ most: '151000.00', overCash: false, overLimit: false })
  })

  test('a sold lot stakes its price for the winner and nothing for the others', () => {
    const sold = { lot: lot({ state: 'sold' }), paddle: 7, own: '60000.00', maximum: '99000.00' }
    expect(stakeOf({ ...sold, leads: true })).toMatchObject({ own: '60000.00', maximum: null, deposit: '10000.00', leads: true })
    expect(stakeOf({ ...sold, leads: false })).toMatchObject({ maximum: null, deposit: '0.00', leads: false })
  })

  test('the own stand is the highest own bid, and whether the last of all is one', () => {
    const bid = (number: number, paddle: number, price: string) => ({ number, paddle, price_cny: price }) as Out<'BidOut'>
    expect(ownStand([], 7)).toEqual({ own: null, leads: false })
    expect(ownStand([bid(1, 7, '54000.00'), bid(2, 8, '55000.00')], 7)).toEqual({ own: '54000.00', leads: false })
    expect(ownStand([bid(1, 7, '54000.00'), bid(2, 8, '55000.00'), bid(3, 7, '56000.00')], 7)).toEqual({ own: '56000.00', leads: true })
  })
})

describe('offers', () => {
  const bidding = { start: '54000.00', increment: '1000.00', current: '60000.00', area: '180.00' }

  test('an offer fits exactly from the permitted price up to the step cap', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 20 }), (steps) => {
        const price = plus('55000.00', toWire(BigInt(steps) * 100_000n))
        const { verdict } = offerOf(bidding, price)
        if (compare(price, permitted(bidding)) < 0) expect(verdict).toBe('low')
        else expect(verdict).toBe(steps - 6 > STEP_CAP ? 'high' : 'fits')
      }),
    )
  })

  test('a maximum works from the permitted price on, and for the leader from the own bid on', () => {
    expect(maximumWorks(bidding, '60999.99')).toBe(false)
    expect(maximumWorks(bidding, '61000.00')).toBe(true)
    expect(maximumWorks({ ...bidding, leads: true }, '60000.00')).toBe(true)
  })
})

describe('deposits', () => {
  const movement = (kind: string, subject: string, amount: string, at: string) => ({ kind, subject, amount, at }) as Out<'MovementOut'>

  test('each deposit is followed from its hold to what became of it', () => {
    const newestFirst = [
      movement('deposit_release', 'l2', '5000.00', '5'),
      movement('payment', 'l1', '-50000.00', '4'),
      movement('deposit_hold', 'l4', '-100.00', '3'),
      movement('deposit_hold', 'l3', '-7000.00', '2'),
      movement('deposit_hold', 'l2', '-5000.00', '2'),
      movement('deposit_hold', 'l1', '-10000.00', '1'),
      movement('cash_in', 'b1', '90000.00', '0'),
    ]
    const lots = new Map([['l3', lot({ id: 'l3', state: 'defaulted', payment_due_at: '9' })]])
    expect(deposits(newestFirst, lots)).toEqual([
      { lot: 'l4', amount: '100.00', state: 'held', heldAt: '3', endedAt: null },
      { lot: 'l3', amount: '7000.00', state: 'forfeited', heldAt: '2', endedAt: '9' },
      { lot: 'l2', amount: '5000.00', state: 'released', heldAt: '2', endedAt: '5' },
      { lot: 'l1', amount: '10000.00', state: 'paid', heldAt: '1', endedAt: '4' },
    ])
  })

  test('the deposit counts towards the price, and what is missing is what cash does not cover', () => {
    const sold = lot({ state: 'sold', price_cny: '60000.00' })
    expect([stillDue(sold), missingCash(sold, '20000.00'), missingCash(sold, '50000.00')]).toEqual(['50000.00', '30000.00', '0.00'])
    expect(stillDue(lot({ price_cny: '9000.00' }))).toBe('0.00')
  })
})

describe('the list of lots', () => {
  const now = Date.parse('2026-04-13T09:30:00+08:00')

  test('every condition narrows the list and none reorders it', () => {
    const lots = [
      lot({ id: 'l1' }),
      lot({ id: 'l2', state: 'paid', price_cny: '90000.00' }),
      lot({ id: 'l3', mode: 'sealed', province: '410000', area_m2: '20.00' }),
      lot({ id: 'l4', closes_at: '2026-04-20T10:00:00+08:00' }),
    ]
    const ids = (wish: Partial<typeof ANY>) => wished(lots, { ...ANY, ...wish }, new Set(['l3']), now).map(({ id }) => id)
    expect(ids({})).toEqual(['l1', 'l3', 'l4', 'l2'])
    expect(ids({ state: 'paid' })).toEqual(['l2'])
    expect(ids({ mode: 'sealed' })).toEqual(['l3'])
    expect(ids({ province: '410000' })).toEqual(['l3'])
    expect(ids({ least: '100.00' })).toEqual(['l1', 'l4', 'l2'])
    expect(ids({ most: '100.00' })).toEqual(['l3'])
    expect(ids({ dearest: '54000.00' })).toEqual(['l1', 'l3', 'l4'])
    expect(ids({ soon: true })).toEqual(['l1', 'l3'])
    expect(ids({ own: true })).toEqual(['l3'])
    expect(inOrder([...lots].reverse()).map(({ id }) => id)).toEqual(['l1', 'l3', 'l4', 'l2'])
  })

  test('the way leads where something can be done', () => {
    expect(wayInto(lot({}), true)).toBe('room')
    expect(wayInto(lot({}), false)).toBe('register')
    expect(wayInto(lot({ sealing: 'lqx-seal/1' }), true)).toBe('seal')
    expect(wayInto(lot({ state: 'sold' }), true)).toBe('result')
    expect(wayInto(lot({ state: 'closed' }), false)).toBe('watch')
  })

  test('a countdown is written with hours only where there are some, an error never as zero', () => {
    const left = { left: 0, days: 0, hours: 0, minutes: 4, seconds: 9, phase: 'last' } as const
    expect(clockFace(left)).toBe('04:09')
    expect(clockFace({ ...left, hours: 1 })).toBe('01:04:09')
    expect([errorSeconds(0), errorSeconds(41.2), errorSeconds(1234), errorSeconds(Infinity)]).toEqual(['0.01', '0.05', '1.3', null])
  })
})
