/** Open data: policies, coefficients, regions, plots. */

import type { Section } from '../../section'

export const section: Section = {
  order: 60,
  roles: [],
  title: { zh: '公开数据', en: 'Open data' },
  routes: [{ path: '/data', title: { zh: '公开数据', en: 'Open data' }, view: () => import('./DataView.vue') }],
}
