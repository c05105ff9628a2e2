/** The ledger recomputed and the log's head: for those who watch over the node. */

import type { Section } from '../../section'

export const section: Section = {
  order: 58,
  roles: ['supervisor', 'audit_admin', 'system_admin'],
  title: { zh: '账簿与日志', en: 'Ledger and log' },
  routes: [
    { path: '/ledger/verification', title: { zh: '核对账簿', en: 'Verify the ledger' }, menu: true, view: () => import('./VerifyView.vue') },
  ],
}
