/** Every movement, why it is that amount, and the statement of a year. */

import type { Section } from '@/pages/section'

export const section: Section = {
  order: 30,
  roles: ['villager'],
  title: { zh: '收支', en: 'Money' },
  routes: [
    { path: '/money', title: { zh: '收支', en: 'Money' }, menu: true, view: () => import('./MoneyView.vue') },
    { path: '/money/why', title: { zh: '为什么是这么多钱', en: 'Why this amount' }, view: () => import('./WhyView.vue') },
    { path: '/money/why/:entry', title: { zh: '为什么是这么多钱', en: 'Why this amount' }, view: () => import('./WhyView.vue') },
    { path: '/money/year/:year', title: { zh: '年度对账单', en: 'Statement of a year' }, view: () => import('./StatementView.vue') },
  ],
}
