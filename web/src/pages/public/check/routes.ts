/** Checking papers: what the QR codes on tickets, certificates and statements lead to. */

import type { Section } from '../../section'
import { keyed } from '../shared/keyed'

export const section: Section = {
  order: 40,
  roles: [],
  title: { zh: '核验', en: 'Check' },
  routes: [
    { path: '/check', title: { zh: '核验', en: 'Check' }, menu: true, view: () => import('./CheckView.vue') },
    // A ticket that came from another province has a slash in its id.
    { path: '/check/ticket/:ticket(.+)', title: { zh: '核验复垦票', en: 'Check a ticket' }, view: keyed('ticket', () => import('./TicketView.vue')) },
    { path: '/check/lot/:lot', title: { zh: '核验结果', en: 'Check a result' }, view: keyed('lot', () => import('./LotCheckView.vue')) },
    { path: '/check/entry/:index', title: { zh: '核验日志记录', en: 'Check an entry' }, view: keyed('index', () => import('./EntryView.vue')) },
  ],
}
