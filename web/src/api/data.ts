/** What a view shows of the API, with all that can happen to it: loading, there, failed, offline. */

import { computed, onScopeDispose, ref, shallowRef, watch, type ComputedRef, type Ref, type ShallowRef } from 'vue'

import { get } from './http'
import { onReturn } from './online'
import { Unreachable } from './problems'
import type { Asked, Item, ListPath } from './types'

export type DataStateName = 'loading' | 'ready' | 'error' | 'offline'

export interface Data<T> {
  /** The last answer; it stays while a newer one is on its way, or fails to come. */
  value: ShallowRef<T | undefined>
  error: ShallowRef<unknown>
  state: ComputedRef<DataStateName>
  busy: Ref<boolean>
  reload: () => Promise<void>
}

export interface Refreshing {
  /** Ask again after so many seconds, while the page is visible. */
  every?: number
  /** Ask anew when this changes; the old value is dropped. */
  watch?: () => unknown
}

/** Load now, when `watch` changes, after `every` seconds, and when network or reader come back. */
export function useData<T>(load: (signal: AbortSignal) => Promise<T>, options: Refreshing = {}): Data<T> {
  const value = shallowRef<T>()
  const error = shallowRef<unknown>()
  const busy = ref(false)
  let running: AbortController | undefined

  async function reload(): Promise<void> {
    running?.abort()
    const mine = (running = new AbortController())
    busy.value = true
    try {
      const loaded = await load(mine.signal)
      if (mine !== running) return
      value.value = loaded
      error.value = undefined
    } catch (failure) {
      if (mine !== running) return
      error.value = failure
    }
    busy.value = false
  }

  refreshed(options, reload, () => (value.value = undefined))
  onScopeDispose(() => {
    running?.abort()
    running = undefined
  })
  void reload()
  return { value, error, busy, reload, state: computed(() => stateOf(value.value, error.value)) }
}

function refreshed(options: Refreshing, reload: () => Promise<void>, drop: () => void): void {
  if (options.watch) {
    watch(options.watch, () => {
      drop()
      void reload()
    })
  }
  if (options.every !== undefined) {
    const timer = setInterval(() => {
      if (!document.hidden) void reload()
    }, options.every * 1000)
    onScopeDispose(() => clearInterval(timer))
  }
  onReturn(() => void reload())
}

function stateOf(value: unknown, error: unknown): DataStateName {
  if (error instanceof Unreachable) return 'offline'
  if (error !== undefined) return 'error'
  return value === undefined ? 'loading' : 'ready'
}

export interface Pages<Row> extends Data<Row[]> {
  hasMore: ComputedRef<boolean>
  more: () => Promise<void>
}

/** A list of the API, a page first and the next ones by `more`. */
export function usePages<Path extends ListPath>(
  path: Path,
  asked: () => Asked<Path> = () => ({}) as Asked<Path>,
): Pages<Item<Path>> {
  type Row = Item<Path>
  const next = ref<string | null>(null)

  async function page(cursor: string | null, signal?: AbortSignal): Promise<Row[]> {
    const parts = asked()
    const query = { ...(parts as { query?: object }).query, cursor }
    const answer = await get(path, { ...parts, query, signal } as never)
    const { items, next: following } = answer as unknown as { items: Row[]; next?: string | null }
    next.value = following ?? null
    return items
  }

  const data = useData<Row[]>((signal) => page(null, signal), { watch: () => JSON.stringify(asked()) })
  async function more(): Promise<void> {
    if (next.value === null || data.busy.value) return
    data.busy.value = true
    try {
      data.value.value = [...(data.value.value ?? []), ...(await page(next.value))]
    } catch (failure) {
      data.error.value = failure
    }
    data.busy.value = false
  }
  return { ...data, more, hasMore: computed(() => next.value !== null) }
}

/** Every row of a list, page after page: for lists that are short by nature. */
export async function all<Path extends ListPath>(path: Path, asked?: Asked<Path>, signal?: AbortSignal): Promise<Item<Path>[]> {
  const rows: Item<Path>[] = []
  let cursor: string | null = null
  do {
    const query: object = { limit: 200, ...(asked as { query?: object } | undefined)?.query, cursor }
    const answer = (await get(path, { ...asked, query, signal } as never)) as unknown as {
      items: Item<Path>[]
      next?: string | null
    }
    rows.push(...answer.items)
    cursor = answer.next ?? null
  } while (cursor !== null)
  return rows
}
