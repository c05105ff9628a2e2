/** A view that begins anew for another lot, so that nothing typed for one is left over for the next. */

import { h, type Component, type FunctionalComponent } from 'vue'

import type { Page } from '../../section'

export function keyed(load: () => Promise<{ default: Component }>): Page['view'] {
  return async () => {
    const { default: view } = await load()
    const each: FunctionalComponent<{ lot: string }> = ({ lot }) => h(view, { lot, key: lot })
    each.props = ['lot']
    return { default: each }
  }
}
