/** What provinces owe each other: stated by windows, approved, paid through the bank. */

import type { Section } from '../../section'

export const section: Section = {
  order: 62,
  roles: ['fund_centre', 'province', 'operator', 'ministry', 'supervisor'],
  title: { zh: '省际清算', en: 'Clearing' },
  routes: [
    { path: '/clearing/statements', title: { zh: '结算单与付款', en: 'Statements and payments' }, menu: true, view: () => import('./StatementsView.vue') },
    { path: '/clearing/statements/:statement', title: { zh: '窗口结算单', en: 'A statement' }, view: () => import('./StatementView.vue') },
    { path: '/clearing/bank', title: { zh: '银行回单', en: "The bank's files" }, menu: true, view: () => import('./BankView.vue') },
  ],
}
