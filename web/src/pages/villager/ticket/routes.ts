/** The household's ticket: what it is, what happened to it, and the proof. */

import type { Section } from '@/pages/section'

export const section: Section = {
  order: 50,
  roles: ['villager'],
  title: { zh: '我的票', en: 'My ticket' },
  routes: [
    { path: '/ticket', title: { zh: '我的票', en: 'My ticket' }, menu: true, view: () => import('./TicketView.vue') },
    { path: '/ticket/certificate', title: { zh: '复垦票证明', en: 'Certificate' }, view: () => import('./CertificateView.vue') },
  ],
}
