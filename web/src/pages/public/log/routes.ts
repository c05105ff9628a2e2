/** The public log itself. */

import type { Section } from '../../section'

export const section: Section = {
  order: 50,
  roles: [],
  title: { zh: '公开日志', en: 'Public log' },
  routes: [{ path: '/log', title: { zh: '公开日志', en: 'Public log' }, view: () => import('./LogView.vue') }],
}
