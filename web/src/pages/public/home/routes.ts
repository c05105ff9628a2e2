/** The first page. */

import type { Section } from '../../section'

export const section: Section = {
  order: 0,
  roles: [],
  title: { zh: '首页', en: 'Home' },
  routes: [{ path: '/', title: { zh: '首页', en: 'Home' }, menu: true, view: () => import('./HomeView.vue') }],
}
