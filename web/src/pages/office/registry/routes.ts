/** The register: regions, collectives, households; kept by the province or the system administrator. */

import type { Section } from '../../section'

export const section: Section = {
  order: 65,
  roles: ['system_admin', 'province'],
  title: { zh: '登记', en: 'Register' },
  routes: [{ path: '/registry', title: { zh: '区划与单位', en: 'Regions and parties' }, menu: true, view: () => import('./RegistryView.vue') }],
}
