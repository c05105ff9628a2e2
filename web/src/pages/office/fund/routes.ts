/** Money beside the auctions: requests to redeem, land income, the subsidy pool, subsidies, and plots to be sold. */

import type { Section } from '../../section'

export const section: Section = {
  order: 40,
  roles: ['fund_centre', 'county_clerk', 'county_approver', 'city', 'operator'],
  title: { zh: '资金与落地', en: 'Funds and plots' },
  routes: [
    { path: '/fund/redemptions', title: { zh: '兑付审批', en: 'Requests to redeem' }, menu: true, roles: ['fund_centre', 'operator'], view: () => import('./redemptions/RedemptionsView.vue') },
    { path: '/fund/accounts', title: { zh: '资金概览', en: 'Funds' }, menu: true, view: () => import('./AccountsView.vue') },
    { path: '/fund/subsidies', title: { zh: '购房补助', en: 'Subsidies' }, menu: true, roles: ['fund_centre', 'operator'], view: () => import('./SubsidiesView.vue') },
    { path: '/fund/land', title: { zh: '土地收入与落地', en: 'Land income and plots' }, menu: true, view: () => import('./LandView.vue') },
  ],
}
