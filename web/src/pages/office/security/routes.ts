/** Who may act for whom: credentials, logins, passwords, custodians. */

import type { Section } from '../../section'

export const section: Section = {
  order: 70,
  roles: ['security_admin', 'audit_admin'],
  title: { zh: '安全管理', en: 'Security' },
  routes: [
    { path: '/security/credentials', title: { zh: '人员与凭证', en: 'People and credentials' }, menu: true, view: () => import('./CredentialsView.vue') },
    { path: '/security/logins', title: { zh: '登录与密码', en: 'Logins and passwords' }, menu: true, view: () => import('./LoginsView.vue') },
    { path: '/security/custodians', title: { zh: '密钥保管人', en: 'Custodians' }, menu: true, view: () => import('./CustodiansView.vue') },
  ],
}
