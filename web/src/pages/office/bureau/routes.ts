/** What land bureaus, townships, villages and cities do about withdrawals: their tasks, each dossier. */

import type { Section } from '../../section'

export const section: Section = {
  order: 20,
  roles: ['county_clerk', 'county_approver', 'township', 'collective', 'city', 'operator'],
  title: { zh: '退出与复垦', en: 'Withdrawal' },
  routes: [
    { path: '/bureau/work', title: { zh: '待办', en: 'Work' }, menu: true, view: () => import('./WorkView.vue') },
    { path: '/bureau/apply', title: { zh: '代为申请', en: 'Apply for a household' }, view: () => import('./ApplyView.vue') },
    { path: '/bureau/dossiers/:application', title: { zh: '案卷', en: 'Dossier' }, view: () => import('./DossierView.vue') },
    { path: '/bureau/notices', title: { zh: '退出公示', en: 'Public notices' }, menu: true, view: () => import('./NoticesView.vue') },
  ],
}
