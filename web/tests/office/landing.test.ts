/** Whoever signs in comes to a page of their own. */

import { expect, it } from 'vitest'

import api from '../../src/api/openapi.json'
import type { Out } from '../../src/api/types'
import { sectionsOf, startOf } from '../../src/pages/section'

const sections = sectionsOf(import.meta.glob('../../src/pages/office/*/routes.ts', { eager: true, import: 'section' }))
const roles = (api.components.schemas.Role.enum as Out<'Role'>[]).filter((one) => one !== 'villager')

it.each(roles)('%s begins at a page of the office that is meant for the role', (one) => {
  const start = startOf(sections, one)
  const section = sections.find(({ routes }) => routes.some(({ path }) => path === start))
  expect(section?.roles).toContain(one)
})

it('no two pages of the office share a path, and no two sections a place', () => {
  const paths = sections.flatMap(({ routes }) => routes.map(({ path }) => path))
  expect(new Set(paths).size).toBe(paths.length)
  expect(new Set(sections.map(({ order }) => order)).size).toBe(sections.length)
})
