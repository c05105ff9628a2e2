/**
 * A command of a view. One intention has one Idempotency-Key, held until there is a definite
 * answer: a double click, a repetition and a lost answer cannot do it twice.
 */

import { computed, ref, shallowRef, type ComputedRef, type Ref, type ShallowRef } from 'vue'

import { newKey, patiently, post } from './http'
import { alone, dropIntent, keepIntent, recallIntent, type Intent } from './intents'
import { ApiProblem, isPassing, receiptOf } from './problems'
import type { Made, PostPath, Sent } from './types'

/** `unsent`: no answer came, so nobody here knows whether it was done; `again` finds out. */
export type CommandState = 'idle' | 'busy' | 'done' | 'refused' | 'unsent'

export interface Command<Path extends PostPath> {
  state: Ref<CommandState>
  answer: ShallowRef<Made<Path> | undefined>
  problem: ShallowRef<ApiProblem | undefined>
  /** The signed receipt, of an acceptance or of a refusal on record. */
  receipt: ComputedRef<string | undefined>
  /** The body of what is still unresolved, also from before a refresh or from another tab. */
  pending: ShallowRef<Sent<Path> | undefined>
  /** Its Idempotency-Key, by which anybody can be asked what became of it. */
  key: ComputedRef<string | undefined>
  run: (body: Sent<Path>) => Promise<Made<Path> | undefined>
  /** The same request under the same key: what became of it? */
  again: () => Promise<Made<Path> | undefined>
  reset: () => void
}

export interface Keeping {
  /** Keep an unresolved request in the browser under this name, such as `bid:l1`. */
  keep?: string
  /** Another way to send it, such as one that tells how far it is. */
  by?: typeof post
}

export function useCommand<Path extends PostPath>(path: Path, { keep, by = post }: Keeping = {}): Command<Path> {
  const state = ref<CommandState>('idle')
  const answer = shallowRef<Made<Path>>()
  const problem = shallowRef<ApiProblem>()
  const kept = keep === undefined ? undefined : recallIntent(keep)
  const intent = shallowRef<Intent | undefined>(kept?.path === path ? kept : undefined)
  if (intent.value) state.value = 'unsent'

  function settle(next: CommandState): void {
    if (keep !== undefined && intent.value) dropIntent(keep, intent.value.key)
    intent.value = undefined
    state.value = next
  }

  async function attempt(mine: Intent): Promise<Made<Path> | undefined> {
    state.value = 'busy'
    answer.value = problem.value = undefined
    try {
      answer.value = (await patiently(() => by(path, mine.body, mine.key), isPassing)) as Made<Path>
      settle('done')
      return answer.value
    } catch (error) {
      if (!(error instanceof ApiProblem) || isPassing(error)) {
        state.value = 'unsent'
      } else {
        problem.value = error
        settle('refused')
      }
      return undefined
    }
  }

  async function run(body: Sent<Path>): Promise<Made<Path> | undefined> {
    if (state.value === 'busy') return undefined
    if (keep === undefined) return attempt((intent.value = { key: newKey(), path, body }))
    state.value = 'busy'
    return alone(keep, () => {
      // Another tab may have left something unresolved: that is asked after first.
      intent.value = recallIntent(keep) ?? { key: newKey(), path, body }
      keepIntent(keep, intent.value)
      return attempt(intent.value)
    })
  }

  const again = async () => (intent.value && state.value !== 'busy' ? attempt(intent.value) : undefined)
  function reset(): void {
    answer.value = problem.value = undefined
    settle('idle')
  }

  return {
    state,
    answer,
    problem,
    receipt: computed(() => problem.value?.receipt ?? receiptOf(answer.value)),
    pending: computed(() => intent.value?.body as Sent<Path> | undefined) as unknown as Command<Path>['pending'],
    key: computed(() => intent.value?.key),
    run,
    again,
    reset,
  }
}
