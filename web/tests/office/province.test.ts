/** What the province's forms send is what the API takes; what they show is what the books say. */

import { expect, it } from 'vitest'

import { bodyOf, formOf, wrongIn } from '../../src/pages/office/province/terms/draft'
import { policyStanding, shownValue, type Parameters, type Policy } from '../../src/pages/office/province/terms/data'

const PARAMETERS: Parameters = {
  split: [
    ['collective', 15],
    ['villager', 85],
  ],
  cooling_off_days: 30,
  notice_days: 7,
  homestead_cap_m2: null,
  min_work_years: 3,
  ecological_quota: false,
  auction_notice_days: 20,
  extension_seconds: 300,
  min_bidders: 1,
  sealed_tie: 'earliest',
  payment_days: 60,
  subsidy_basis: 'head',
  subsidy_rate_cny: '1000.00',
  subsidy_pool_share: '0.10',
  option_years: 5,
  low_interest_loan_cap_cny: '0.00',
  fee_offset_share: '1.00',
}

it('a proposal begins with the parameters in force and says them all again', () => {
  const form = Object.assign(formOf(PARAMETERS), { id: '500000.2027', from: '2027-01-01T00:00' })
  expect(wrongIn(form)).toEqual([])
  const { parameters, ...rest } = bodyOf(form, '500000')
  expect(rest).toEqual({ id: '500000.2027', province: '500000', valid_from: '2027-01-01T00:00:00+08:00' })
  // An empty cap is left out: the API takes that for none.
  expect({ ...parameters, homestead_cap_m2: null }).toEqual(PARAMETERS)
})

it('a share of one digit and a cap typed in plain digits are sent with two places', () => {
  const form = formOf(PARAMETERS)
  Object.assign(form.text, { subsidy_pool_share: '0.2', fee_offset_share: '1', homestead_cap_m2: '180' })
  expect(bodyOf(form, '500000').parameters).toMatchObject({ subsidy_pool_share: '0.20', fee_offset_share: '1.00', homestead_cap_m2: '180.00' })
})

it('what cannot be sent is named: shares above one, fractions of days, no weight of the villager', () => {
  const form = formOf(PARAMETERS)
  Object.assign(form.text, { subsidy_pool_share: '1.01', payment_days: '1.5', subsidy_rate_cny: 'x' })
  form.split.villager = ''
  form.split.county = '0'
  expect(wrongIn(form)).toEqual(['split.county', 'split.villager', 'payment_days', 'subsidy_pool_share', 'subsidy_rate_cny'])
})

it('a version is proposed, coming, in force, or replaced', () => {
  const version = (id: string, from: string, by: string | null): Policy => ({ id, province: '500000', valid_from: from, parameters: PARAMETERS, proposed_by: 'p1', approved_by: by })
  const all = [
    version('a', '2025-01-01T00:00:00+08:00', 'p2'),
    version('b', '2026-01-01T00:00:00+08:00', 'p2'),
    version('c', '2027-01-01T00:00:00+08:00', 'p2'),
    version('d', '2026-01-01T00:00:00+08:00', null),
  ]
  const now = Date.parse('2026-11-22T00:00:00+08:00')
  expect(all.map((one) => policyStanding(one, all, now))).toEqual(['over', 'now', 'coming', 'proposed'])
})

it('weights are read as a proportion of parties', () => {
  const words = { empty: '不设', yes: '是', no: '否', values: {}, party: { collective: '村集体', villager: '农户' } }
  expect(shownValue(PARAMETERS.split, words)).toBe('村集体 15 : 农户 85')
  expect([shownValue(null, words), shownValue(true, words), shownValue('0.10', words)]).toEqual(['不设', '是', '0.10'])
})
