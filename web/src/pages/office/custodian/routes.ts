/** What a custodian of sealed bids keeps an eye on; keys never come into a browser. */

import type { Section } from '../../section'

export const section: Section = {
  order: 75,
  roles: ['custodian'],
  title: { zh: '密钥保管', en: 'Keys' },
  routes: [{ path: '/custodian', title: { zh: '我保管的标的', en: 'Lots in my keeping' }, menu: true, view: () => import('./CustodianView.vue') }],
}
