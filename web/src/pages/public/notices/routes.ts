/** Public notices: lots, applications, results. */

import type { Section } from '../../section'

export const section: Section = {
  order: 20,
  roles: [],
  title: { zh: '公告', en: 'Notices' },
  routes: [{ path: '/notices', title: { zh: '公告', en: 'Notices' }, menu: true, view: () => import('./NoticesView.vue') }],
}
