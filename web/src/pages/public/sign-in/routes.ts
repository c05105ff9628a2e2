/** The way in for people; machines use credentials. */

import type { Section } from '../../section'

export const section: Section = {
  order: 90,
  roles: [],
  title: { zh: '登录', en: 'Sign in' },
  routes: [
    { path: '/sign-in', title: { zh: '登录', en: 'Sign in' }, view: () => import('./SignInView.vue') },
    { path: '/password', title: { zh: '设置密码', en: 'Set a password' }, view: () => import('./PasswordView.vue') },
  ],
}
