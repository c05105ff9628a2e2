/** What waits for a second person of a firm, and how it is shown. */

import { expect, test } from 'vitest'

import type { Out } from '@/api'
import { maximumWorks, offerOf } from '@/pages/office/bidder/offer'
import { biddingOn, newestFirst, stillOpen, type Proposal } from '@/pages/office/bidder/proposals'

const proposal = (id: string, state: Proposal['state'], at: string): Proposal =>
  ({ id, lot: 'l1', kind: 'bid', state, price_cny: '61000.00', own: false, proposed_at: at }) as Proposal

test('the newest stands first, and only what can still be approved waits', () => {
  const rows = [
    proposal('a', 'open', '2026-04-13T09:00:00+08:00'),
    proposal('b', 'placed', '2026-04-13T09:30:00+08:00'),
    proposal('c', 'open', '2026-04-13T01:45:00Z'),
    proposal('d', 'lapsed', '2026-04-12T09:00:00+08:00'),
  ]
  expect(newestFirst(rows).map(({ id }) => id)).toEqual(['c', 'b', 'a', 'd'])
  expect(stillOpen(rows).map(({ id }) => id)).toEqual(['c', 'a'])
})

test('a proposal that was overtaken is called too low before anybody approves it', () => {
  const lot = {
    start_price_cny: '54000.00',
    increment_cny: '1000.00',
    current_price_cny: '60500.00',
    area_m2: '180.00',
  } as Out<'LotOut'>
  expect(offerOf(biddingOn(lot), '61000.00').verdict).toBe('low')
  expect(maximumWorks(biddingOn(lot), '61000.00')).toBe(false)
  expect(offerOf(biddingOn({ ...lot, current_price_cny: '60000.00' }), '61000.00').verdict).toBe('fits')
})
