/** A view that begins anew for another thing, so that nothing of one is left over for the next. */

import { h, type Component, type FunctionalComponent } from 'vue'

import type { Page } from '../../section'

export function keyed<Name extends string>(name: Name, load: () => Promise<{ default: Component }>): Page['view'] {
  return async () => {
    const { default: view } = await load()
    const each: FunctionalComponent<Record<string, string>> = (props) => h(view, { ...props, key: props[name] ?? '' })
    each.props = [name]
    return { default: each }
  }
}
