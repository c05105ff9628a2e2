/** What the exchange's forms send is what the API takes, and nothing else. */

import { expect, it } from 'vitest'

import { bundled, presentPolicy } from '../../src/pages/office/exchange/bundle'
import { custody, draftOf, emptyForm, formOf, lotBody, noticeBody } from '../../src/pages/office/exchange/draft'
import type { Out } from '../../src/api/types'

const KEY = `${'A'.repeat(43)}=`

function filled(kind: 'ascending' | 'sealed' | 'custody') {
  return Object.assign(emptyForm(), {
    id: 'l1',
    kind,
    start: '60.00',
    increment: '1.00',
    deposit: '5.00',
    opens: '2026-05-21T08:00',
    closes: '2026-05-22T08:00',
    keys: { c1: ` ${KEY}`, c2: '' },
    threshold: 1,
  })
}

it('an ascending lot has an increment and no sealing', () => {
  expect(lotBody(filled('ascending'), '430000', ['t1', 't2'])).toEqual({
    id: 'l1',
    province: '430000',
    tickets: ['t1', 't2'],
    mode: 'ascending',
    sealing: null,
    start_price_cny: '60.00',
    reserve_price_cny: null,
    increment_cny: '1.00',
    deposit_cny: '5.00',
    opens_at: '2026-05-21T08:00:00+08:00',
    closes_at: '2026-05-22T08:00:00+08:00',
    draw_seed: null,
    custodians: null,
    threshold: null,
    opening_days: null,
  })
})

it('a sealed lot has no increment, and custodians only where they keep the shares', () => {
  expect(lotBody(filled('sealed'), '430000', ['t1'])).toMatchObject({ mode: 'sealed', sealing: 'none', increment_cny: null, custodians: null })
  const sealed = lotBody(filled('custody'), '430000', ['t1'])
  expect(sealed).toMatchObject({ sealing: 'lqx-seal/1', custodians: [{ custodian: 'c1', public_key: KEY }], threshold: 1, opening_days: 3 })
  expect(custody(filled('custody'))).toHaveLength(1)
})

it('a new notice begins with the terms that stand', () => {
  const lot = {
    id: 'l1',
    mode: 'sealed',
    sealing: 'lqx-seal/1',
    start_price_cny: '60.00',
    increment_cny: null,
    deposit_cny: '5.00',
    opens_at: '2026-05-21T00:00:00Z',
    closes_at: '2026-05-22T00:00:00Z',
    draw_seed: null,
  } as Out<'LotOut'>
  const form = formOf(lot, { threshold: 1, opening_days: 5, custodians: [['c1', KEY]] })
  expect(draftOf(form)).toMatchObject({ mode: 'sealed', opens: '2026-05-21T08:00:00+08:00', threshold: 1, openingDays: 5 })
  expect(noticeBody(form)).toMatchObject({ lot: 'l1', custodians: [{ custodian: 'c1', public_key: KEY }], opening_days: 5 })
  expect(noticeBody(form)).not.toHaveProperty('tickets')
})

it('costs of a ticket are those of reclamation and financing together', () => {
  const ticket = { id: 't1', area_m2: '10.00', reclamation_cost_cny: '3.00', financing_cost_cny: '0.50', home_province: '430000' }
  expect(bundled([ticket as Out<'TicketOut'>])).toEqual([{ id: 't1', area: '10.00', costs: '3.50', home: '430000' }])
})

it('the policy in force is the newest that is approved and has begun', () => {
  const version = (id: string, valid_from: string, approved_by: string | null = 'p', province = '430000') =>
    ({ id, province, valid_from, approved_by }) as Out<'PolicyOut'>
  const all = [
    version('old', '2020-01-01T00:00:00Z'),
    version('now', '2026-01-01T00:00:00Z'),
    version('draft', '2026-02-01T00:00:00Z', null),
    version('later', '2027-01-01T00:00:00Z'),
    version('else', '2026-03-01T00:00:00Z', 'p', '410000'),
  ]
  expect(presentPolicy(all, '430000', '2026-05-01T00:00:00Z')?.id).toBe('now')
  expect(presentPolicy(all, '500000', '2026-05-01T00:00:00Z')).toBeUndefined()
})
