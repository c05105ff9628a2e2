/** Where the matter stands, and a household's rights on the way. */

import type { Section } from '@/pages/section'

export const section: Section = {
  order: 20,
  roles: ['villager'],
  title: { zh: '进度', en: 'Progress' },
  routes: [
    { path: '/progress', title: { zh: '进度', en: 'Progress' }, menu: true, view: () => import('./ProgressView.vue') },
    { path: '/progress/hold', title: { zh: '我没有同意', en: 'I did not agree' }, view: () => import('./hold/HoldView.vue') },
    { path: '/progress/apply', title: { zh: '申请退出宅基地', en: 'Apply' }, view: () => import('./apply/ApplyView.vue') },
  ],
}
