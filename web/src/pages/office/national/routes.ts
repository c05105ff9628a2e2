/** Reconciliation, what it froze and how that is cured; and the report over all provinces. */

import type { Section } from '../../section'

export const section: Section = {
  order: 64,
  roles: ['ministry', 'supervisor', 'province', 'operator'],
  title: { zh: '对账', en: 'Reconciliation' },
  routes: [
    { path: '/national/report', title: { zh: '全国报告', en: 'National report' }, menu: true, roles: ['ministry', 'supervisor'], view: () => import('./NationalView.vue') },
    { path: '/national/rounds', title: { zh: '对账轮次', en: 'Rounds' }, menu: true, roles: ['ministry', 'supervisor'], view: () => import('./RoundsView.vue') },
    { path: '/national/cases', title: { zh: '对账案件', en: 'Cases' }, menu: true, view: () => import('./CasesView.vue') },
  ],
}
