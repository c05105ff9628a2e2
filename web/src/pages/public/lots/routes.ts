/** Lots for everybody: what is announced and live, and each lot with its bids and result. */

import type { Section } from '../../section'
import { keyed } from '../shared/keyed'

export const section: Section = {
  order: 10,
  roles: [],
  title: { zh: '标的', en: 'Lots' },
  routes: [
    { path: '/lots', title: { zh: '标的', en: 'Lots' }, menu: true, view: () => import('./LotsView.vue') },
    { path: '/lots/:lot', title: { zh: '标的详情', en: 'A lot' }, view: keyed('lot', () => import('./LotView.vue')) },
  ],
}
