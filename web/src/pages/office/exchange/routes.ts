/** What an exchange does: bundle tickets, list lots, keep an eye on auctions and payments. */

import type { Section } from '../../section'

export const section: Section = {
  order: 30,
  roles: ['exchange', 'operator'],
  title: { zh: '交易中心', en: 'Exchange' },
  routes: [
    { path: '/exchange/board', title: { zh: '打包挂牌', en: 'Bundle and list' }, menu: true, view: () => import('./BoardView.vue') },
    { path: '/exchange/lots', title: { zh: '标的管理', en: 'Lots' }, menu: true, view: () => import('./LotsView.vue') },
    { path: '/exchange/lots/:lot', title: { zh: '标的', en: 'A lot' }, view: () => import('./LotView.vue') },
    { path: '/exchange/payments', title: { zh: '付款与违约', en: 'Payments and defaults' }, menu: true, view: () => import('./PaymentsView.vue') },
  ],
}
