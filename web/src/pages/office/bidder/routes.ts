/** What bidders do: find lots, register, bid, pay, see what is at stake. */

import type { Section } from '../../section'
import { keyed } from './keyed'

export const section: Section = {
  order: 10,
  roles: ['bidder', 'bidder_viewer'],
  title: { zh: '竞买', en: 'Bidding' },
  routes: [
    { path: '/bidder/lots', title: { zh: '标的', en: 'Lots' }, menu: true, view: () => import('./lots/LotsView.vue') },
    { path: '/bidder/lots/:lot', title: { zh: '标的详情', en: 'A lot' }, view: keyed(() => import('./lots/LotView.vue')) },
    { path: '/bidder/lots/:lot/register', title: { zh: '报名', en: 'Register' }, view: keyed(() => import('./register/RegisterView.vue')) },
    { path: '/bidder/lots/:lot/room', title: { zh: '竞价室', en: 'Bidding room' }, view: keyed(() => import('./room/RoomView.vue')) },
    { path: '/bidder/lots/:lot/seal', title: { zh: '密封报价', en: 'Sealed bid' }, view: keyed(() => import('./sealed/SealView.vue')) },
    { path: '/bidder/lots/:lot/result', title: { zh: '结果', en: 'Result' }, view: keyed(() => import('./after/ResultView.vue')) },
    { path: '/bidder/lots/:lot/confirmation', title: { zh: '成交确认书', en: 'Confirmation of sale' }, view: keyed(() => import('./after/ConfirmationView.vue')) },
    { path: '/bidder/mine', title: { zh: '我的标的', en: 'My lots' }, menu: true, view: () => import('./own/MineView.vue') },
    { path: '/bidder/firm', title: { zh: '双人报价', en: 'Two-person bids' }, menu: true, view: () => import('./firm/FirmView.vue') },
    { path: '/bidder/money', title: { zh: '资金与保证金', en: 'Money and deposits' }, menu: true, view: () => import('./own/MoneyView.vue') },
    { path: '/bidder/sessions', title: { zh: '登录设备', en: 'Signed-in devices' }, menu: true, view: () => import('./own/SessionsView.vue') },
  ],
}
