/** The first screen of a household. */

import type { Section } from '@/pages/section'
import HomeView from './HomeView.vue'

// Not late: the first screen must not wait for one more file.
export const section: Section = {
  order: 10,
  roles: ['villager'],
  title: { zh: '首页', en: 'Home' },
  routes: [{ path: '/', title: { zh: '首页', en: 'Home' }, menu: true, view: async () => HomeView }],
}
