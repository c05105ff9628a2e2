/** A section of an entry: its routes, and who finds them in the menu. */

import {
  createRouter,
  createWebHashHistory,
  type RouteComponent,
  type Router,
  type RouteRecordRaw,
} from 'vue-router'

import type { Role } from '../api'
import type { Words } from '../i18n/words'

export interface Page {
  path: string
  title: Words
  /** Whether it stands in the menu. */
  menu?: boolean
  /** Of the section's roles those that it is for; all of them where nothing is said. */
  roles?: readonly Role[]
  view: () => Promise<RouteComponent | { default: RouteComponent }>
}

export interface Section {
  /** Its place among the sections. */
  order: number
  /** Who may open it; empty for everybody. The API judges again what each may see. */
  roles: readonly Role[]
  title: Words
  routes: readonly Page[]
}

/** The sections that an entry's `import.meta.glob` has found, in their order. */
export function sectionsOf(found: Record<string, unknown>): Section[] {
  return (Object.values(found) as Section[]).sort((a, b) => a.order - b.order)
}

export function isOpenTo(section: Section, role: Role | undefined): boolean {
  return section.roles.length === 0 || (role !== undefined && section.roles.includes(role))
}

/** The pages of a section that stand in a role's menu. */
export function menuOf(section: Section, role: Role | undefined): Page[] {
  if (!isOpenTo(section, role)) return []
  return section.routes.filter(({ menu, roles }) => menu === true && (!roles || (role !== undefined && roles.includes(role))))
}

/** Where a role begins: the first page in the menu of the first section that is its own. */
export function startOf(sections: readonly Section[], role: Role | undefined): string | undefined {
  const own = [...sections.filter((section) => section.roles.length > 0), ...sections]
  return own.flatMap((section) => menuOf(section, role))[0]?.path
}

/** The router of an entry. A path that nobody knows leads to where the role begins. */
export function routerOf(sections: readonly Section[], role: () => Role | undefined, nowhere: Page['view']): Router {
  const pages = sections.flatMap((section) =>
    section.routes.map(
      (page): RouteRecordRaw => ({
        path: page.path,
        component: page.view,
        props: true,
        meta: { section },
      }),
    ),
  )
  const router = createRouter({
    history: createWebHashHistory(),
    routes: [...pages, { path: '/:rest(.*)*', component: nowhere }],
    scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
  })
  router.beforeEach((to) => {
    const section = to.meta.section as Section | undefined
    if (section !== undefined && isOpenTo(section, role())) return true
    const start = startOf(sections, role())
    return start === undefined || start === to.path ? true : start
  })
  return router
}
