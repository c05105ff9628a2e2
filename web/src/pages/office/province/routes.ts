/** Between provinces: transfers, coefficients and policies, what is due, flows, the books at a glance. */

import type { Section } from '../../section'

export const section: Section = {
  order: 60,
  roles: ['province', 'ministry', 'supervisor', 'operator'],
  title: { zh: '省际与全局', en: 'Provinces' },
  routes: [
    { path: '/province/books', title: { zh: '守恒一览', en: 'The books at a glance' }, menu: true, view: () => import('./books/BooksView.vue') },
    { path: '/province/transfers', title: { zh: '跨省流转', en: 'Transfers' }, menu: true, view: () => import('./transfers/TransfersView.vue') },
    { path: '/province/transfers/:transfer', title: { zh: '流转详情', en: 'A transfer' }, view: () => import('./transfers/TransferView.vue') },
    { path: '/province/crossings/:crossing', title: { zh: '节点间流转详情', en: 'A transfer between nodes' }, view: () => import('./transfers/CrossingView.vue') },
    { path: '/province/request', title: { zh: '申请外流', en: 'Request a transfer' }, view: () => import('./transfers/RequestView.vue') },
    { path: '/province/positions', title: { zh: '往来与结算', en: 'Dues and settlements' }, menu: true, view: () => import('./money/PositionsView.vue') },
    { path: '/province/settlements/:settlement', title: { zh: '结算单', en: 'Settlement statement' }, view: () => import('./money/StatementView.vue') },
    { path: '/province/flows', title: { zh: '指标流向', en: 'Quota flows' }, menu: true, view: () => import('./books/FlowsView.vue') },
    { path: '/province/matching', title: { zh: '供需匹配', en: 'Supply and demand' }, menu: true, view: () => import('./matching/MatchingView.vue') },
    { path: '/province/coefficients', title: { zh: '调节系数', en: 'Coefficients' }, menu: true, view: () => import('./terms/CoefficientsView.vue') },
    { path: '/province/policies', title: { zh: '政策参数', en: 'Policies' }, menu: true, view: () => import('./terms/PoliciesView.vue') },
  ],
}
