/** What a supervisor reads: figures, times, payments, objections, lots, dossiers. Nothing is written. */

import type { Section } from '../../section'

export const section: Section = {
  order: 55,
  roles: ['supervisor'],
  title: { zh: '监督', en: 'Supervision' },
  routes: [
    { path: '/supervisor/overview', title: { zh: '总览', en: 'Overview' }, menu: true, view: () => import('./OverviewView.vue') },
    { path: '/supervisor/times', title: { zh: '成交到入账', en: 'Hammer to account' }, menu: true, view: () => import('./TimesView.vue') },
    { path: '/supervisor/payments', title: { zh: '付款与逾期', en: 'Payments' }, menu: true, view: () => import('./PaymentsView.vue') },
    { path: '/supervisor/objections', title: { zh: '异议', en: 'Objections' }, menu: true, view: () => import('./ObjectionsView.vue') },
    { path: '/supervisor/holds', title: { zh: '停办', en: 'Holds' }, menu: true, view: () => import('./HoldsView.vue') },
    { path: '/supervisor/lots', title: { zh: '标的', en: 'Lots' }, menu: true, view: () => import('./LotsView.vue') },
    { path: '/supervisor/lots/:lot', title: { zh: '标的详情', en: 'A lot' }, view: () => import('./LotView.vue') },
    { path: '/supervisor/dossiers', title: { zh: '案卷', en: 'Dossiers' }, menu: true, view: () => import('./DossiersView.vue') },
    { path: '/supervisor/dossiers/:application', title: { zh: '案卷详情', en: 'A dossier' }, view: () => import('./DossierView.vue') },
  ],
}
