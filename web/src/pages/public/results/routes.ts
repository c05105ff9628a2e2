/** What lots were sold for. */

import type { Section } from '../../section'

export const section: Section = {
  order: 30,
  roles: [],
  title: { zh: '结果', en: 'Results' },
  routes: [{ path: '/results', title: { zh: '结果', en: 'Results' }, menu: true, view: () => import('./ResultsView.vue') }],
}
