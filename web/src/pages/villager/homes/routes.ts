/** Every way to live in the city by the account, with what would happen before anything does. */

import type { Section } from '@/pages/section'

export const section: Section = {
  order: 40,
  roles: ['villager'],
  title: { zh: '住房', en: 'Homes' },
  routes: [
    { path: '/homes', title: { zh: '住房', en: 'Homes' }, menu: true, view: () => import('./HomesView.vue') },
    { path: '/homes/rental', title: { zh: '我租的公租房', en: 'My rented home' }, view: () => import('./RentalView.vue') },
    { path: '/homes/requests', title: { zh: '我的申请', en: 'My requests' }, view: () => import('./RequestsView.vue') },
    { path: '/homes/use/:use', title: { zh: '先算再办', en: 'First see, then do' }, view: () => import('./UseView.vue') },
  ],
}
