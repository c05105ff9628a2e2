/** Between provinces: exact conversions, netting, rights, and books whose two sides are added anew. */

import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'

import {
  coefficientOn,
  coefficientStanding,
  converted,
  duePairs,
  farmlandLaw,
  flowLinks,
  fourFlows,
  hundredths,
  isZero,
  longest,
  median,
  moneyLaw,
  netting,
  parameterChanges,
  plus,
  quotaLaw,
  quote,
  span,
  surplusAndGap,
  toWire,
  transferRights,
  transferStep,
  versionBefore,
  type BookFigures,
  type QuotaFlow,
} from '../../src/market'

const small = fc.bigInt({ min: 0n, max: 400n })
const yields = fc.integer({ min: 1, max: 9 })

describe('a quote', () => {
  it('shows every whole number between the area sent and the area converted', () => {
    expect(quote('180.01', { yield_out: 500, yield_in: 750 })).toEqual({
      sent: '180.01',
      received: '120.00',
      out: 500,
      in: 750,
      lowest: { out: '2', in: '3' },
      units: '18001',
      product: '9000500',
      quotient: '12000',
      rest: '500',
    })
  })

  test('its steps belong together, and it never gives more than the fraction', () => {
    fc.assert(
      fc.property(small, yields, yields, (area, out, into) => {
        const found = quote(toWire(area), { yield_out: out, yield_in: into })
        expect(found.received).toBe(converted(toWire(area), out, into))
        expect(BigInt(found.units) * BigInt(out)).toBe(BigInt(found.product))
        expect(BigInt(found.quotient) * BigInt(into) + BigInt(found.rest)).toBe(BigInt(found.product))
        expect(BigInt(found.rest)).toBeLessThan(BigInt(into))
        expect(BigInt(found.lowest.out) * BigInt(into)).toBe(BigInt(found.lowest.in) * BigInt(out))
      }),
    )
  })
})

const coefficient = { id: 'k1', from: '500000', to: '330000', yield_out: 2, yield_in: 3, valid_from: '2026-01-01', valid_to: '2026-12-31', approved_by: 'm2' }

it('a coefficient is in force on its first day, its last, and between', () => {
  const standing = (day: string) => coefficientStanding(coefficient, day)
  expect(['2025-12-31', '2026-01-01', '2026-12-31', '2027-01-01'].map(standing)).toEqual(['coming', 'in_force', 'in_force', 'over'])
  expect(coefficientStanding({ ...coefficient, approved_by: null }, '2026-05-01')).toBe('proposed')
  expect(coefficientOn([{ ...coefficient, approved_by: null }], '500000', '330000', '2026-05-01')).toBeUndefined()
  expect(coefficientOn([coefficient], '500000', '330000', '2026-05-01')).toBe(coefficient)
  expect(coefficientOn([coefficient], '330000', '500000', '2026-05-01')).toBeUndefined()
})

describe('a transfer', () => {
  const moving = (state: string) => ({ home: '500000', to: '330000', state })

  it('is held by the receiver, then by the ministry, then by nobody', () => {
    expect(transferStep(moving('requested'))).toEqual({ key: 'acceptance', holder: 'province' })
    expect(transferStep(moving('accepted'))).toEqual({ key: 'approval', holder: 'ministry' })
    expect(transferStep(moving('approved'))).toBeUndefined()
    expect(transferStep(moving('rejected'))).toBeUndefined()
  })

  it('may be taken on by the receiver alone and approved by the ministry alone', () => {
    expect(transferRights(moving('requested'), 'province', '330000')).toEqual({ accept: true, approve: false, reject: 'receiver' })
    expect(transferRights(moving('requested'), 'province', '500000')).toEqual({ accept: false, approve: false, reject: undefined })
    expect(transferRights(moving('accepted'), 'ministry', '000000')).toEqual({ accept: false, approve: true, reject: 'ministry' })
    expect(transferRights(moving('requested'), 'ministry', '000000')).toEqual({ accept: false, approve: false, reject: 'ministry' })
  })

  test('nobody does anything with one that has ended, and a supervisor never does', () => {
    const roles = fc.constantFrom('province', 'operator', 'ministry', 'supervisor')
    fc.assert(
      fc.property(fc.constantFrom('requested', 'accepted', 'approved', 'rejected'), roles, (state, role) => {
        const rights = transferRights(moving(state), role, '330000')
        if (state === 'approved' || state === 'rejected' || role === 'supervisor') {
          expect(rights).toEqual({ accept: false, approve: false, reject: undefined })
        }
      }),
    )
  })
})

describe('netting', () => {
  const due = (debtor: string, creditor: string, amount: bigint) => ({ debtor, creditor, amount_cny: toWire(amount) })

  test('whoever owes more pays the difference, and both debts are done', () => {
    fc.assert(
      fc.property(small, small, (a, b) => {
        const found = netting([due('A', 'B', a), due('B', 'A', b)], 'A', 'B')
        if (a === 0n && b === 0n) {
          expect(found).toBeUndefined()
          return
        }
        expect(hundredths(found!.paid)).toBe(a > b ? a - b : b - a)
        expect(found!.payer).toBe(a >= b ? 'A' : 'B')
        expect(plus(found!.netted, found!.paid)).toBe(found!.payerOwes)
        expect(found!.netted).toBe(found!.payeeOwes)
      }),
    )
  })

  it('a province owes itself nothing, and each pair stands once', () => {
    expect(netting([due('A', 'B', 5n)], 'A', 'A')).toBeUndefined()
    expect(duePairs([due('A', 'B', 5n), due('B', 'A', 2n), due('C', 'A', 1n)]).map(({ payer, payee, paid }) => [payer, payee, paid])).toEqual([
      ['A', 'B', '0.03'],
      ['C', 'A', '0.01'],
    ])
  })
})

const quota = { issued_m2: '9.00', arrived_m2: '1.00', waiting_m2: '2.00', at_auction_m2: '1.00', in_transfer_m2: '1.00', certificates_m2: '2.00', landed_m2: '3.00', left_m2: '1.00' }
const book: BookFigures = {
  province: '500000',
  quota,
  farmland: { opening_m2: '5.00', made_m2: '2.00', taken_m2: '3.00', cropland_m2: '3.00', ecological_m2: '1.00' },
  money: { paid_in_cny: '8.00', arrived_cny: '2.00', paid_out_cny: '3.00', left_cny: '1.00', held: [{ kind: 'housing', balance_cny: '7.00' }, { kind: 'due_from', balance_cny: '-1.00' }] },
}

it('the laws hold where both sides agree, and say by how much they do not', () => {
  for (const law of [quotaLaw([book, book]), farmlandLaw([book]), moneyLaw([book, book])]) expect(isZero(law.difference)).toBe(true)
  expect(quotaLaw([book, book]).total).toBe('20.00')
  expect(quotaLaw([{ ...book, quota: { ...quota, landed_m2: '2.99' } }]).difference).toBe('0.01')
  expect(moneyLaw([book]).total).toBe('10.00')
  expect(moneyLaw([book, book]).total).toBe('18.00')
  expect(moneyLaw([book, book]).out.find(({ key }) => key === 'due_from')?.value).toBe('-2.00')
  expect(moneyLaw([]).difference).toBe('0.00')
})

const flow = (stage: string, from: string, to: string, left: string, arrived = left, kind: string | null = null): QuotaFlow => ({ stage, from, to, kind, left_m2: left, arrived_m2: arrived })

describe('flows', () => {
  const flows = [
    flow('converted', '430000', '410000', '4.00', '4.80'),
    flow('issued', '430923', '430000', '10.00'),
    flow('landed', '430923', '430104', '2.00', '2.00', 'other_city'),
    flow('landed', '430923', '410105', '1.00', '1.00', 'other_village'),
  ]

  it('are links from left to right, and what is not landed waits', () => {
    const shown = flowLinks(flows).map(({ from, to, value }) => `${from.layer} ${from.region} > ${to.layer} ${to.region} ${value}`)
    expect(shown).toEqual([
      'county 430923 > issued 430000 10.00',
      'issued 430000 > available 430000 6.00',
      'issued 430000 > available 410000 4.80',
      'available 430000 > landed 430104 2.00',
      'available 410000 > landed 410105 1.00',
      'available 430000 > waiting 430000 4.00',
      'available 410000 > waiting 410000 3.80',
    ])
  })

  it('are the four of the model, those without any included', () => {
    expect(fourFlows(flows).map(({ kind, value }) => [kind, value])).toEqual([
      ['own_village', '0.00'],
      ['other_village', '1.00'],
      ['other_city', '2.00'],
      ['own_city', '0.00'],
    ])
  })

  it('gaps and what was landed ahead are not set off against each other', () => {
    const cities = [{ gap_m2: '5.00' }, { gap_m2: '-2.00' }]
    expect(surplusAndGap([{ surplus_m2: '3.00' }, { surplus_m2: '4.00' }], cities)).toEqual({ surplus: '7.00', gap: '5.00', ahead: '2.00' })
  })
})

it('spans have a middle, a longest, and days, hours and minutes', () => {
  expect([median([]), median([3]), median([9, 1]), median([7, 1, 3])]).toEqual([undefined, 3, 5, 3])
  expect([longest([]), longest([3, 9, 1])]).toEqual([undefined, 9])
  expect(span(90_061)).toEqual({ days: 1, hours: 1, minutes: 1, seconds: 1 })
})

it('parameters that changed come first, and a first version has changed nothing', () => {
  const before = { notice_days: 7, split: [['villager', 85]] }
  const after = { notice_days: 7, split: [['villager', 90]] }
  expect(parameterChanges(before, after).map(({ key, changed }) => [key, changed])).toEqual([
    ['split', true],
    ['notice_days', false],
  ])
  expect(parameterChanges(undefined, after).some(({ changed }) => changed)).toBe(false)
})

it('a version follows the approved one of its province before it', () => {
  const version = (id: string, from: string, by: string | null = 'p2', province = '500000') => ({ id, province, valid_from: `${from}T00:00:00+08:00`, approved_by: by })
  const all = [version('a', '2025-01-01'), version('b', '2026-01-01'), version('c', '2026-06-01', null), version('d', '2026-03-01', 'p2', '330000')]
  expect(versionBefore(all, all[2]!)?.id).toBe('b')
  expect(versionBefore(all, all[0]!)).toBeUndefined()
})
