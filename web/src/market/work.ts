/**
 * The work of a bureau: which task an application waits for, from when it may be done, whose it
 * is, and in which order a desk takes its tasks. The node judges again what may be done.
 */

import type { Holder } from './payment'

export type TaskKey =
  | 'hearing'
  | 'village_review'
  | 'ruling'
  | 'determination'
  | 'county_approval'
  | 'acceptance'
  | 'issue'
  | 'city_approval'
  | 'hand_in'

export interface Matter {
  application: {
    id: string
    state: string
    applied_at: string
    cooling_off_ends_at: string
    notice_ends_at: string | null
    city: string | null
    /** The hold that stands on it, if one does. */
    hold: string | null
  }
  /** Objections that wait for a ruling; null while that is not known. */
  openObjections: number | null
  /** The state of the household's ticket; null without one, undefined while that is not known. */
  ticket: string | null | undefined
  /** When the present stage began, where that is known. */
  since: string | null
}

export interface Task {
  key: TaskKey
  holder: Holder | 'city'
  /** From when it may be done; null: at any time. */
  from: string | null
  ready: boolean
}

const HOLDER: Record<TaskKey, Task['holder']> = {
  hearing: 'county_approver',
  village_review: 'collective',
  ruling: 'township',
  determination: 'township',
  county_approval: 'county_approver',
  acceptance: 'county_clerk',
  issue: 'county_clerk',
  city_approval: 'city',
  hand_in: 'county_clerk',
}

/** Who may send a task besides the one that holds it. */
const ALSO: Partial<Record<TaskKey, readonly string[]>> = {
  acceptance: ['county_approver'],
  issue: ['county_approver'],
  hand_in: ['villager'],
  city_approval: ['province'],
}

/** Whether a role may do a task; the service window may do every one. */
export function mayDo(role: string, { key, holder }: Task): boolean {
  return role === holder || role === 'operator' || ALSO[key]?.includes(role) === true
}

/**
 * What the application waits for, the next first; nothing for one that has ended or is on sale.
 * While a hold stands, it is heard, and objections are ruled on: nothing else goes on.
 */
export function tasksOf({ application, openObjections, ticket }: Matter, now: number): Task[] {
  const task = (key: TaskKey, from: string | null = null, free = true): Task => ({
    key,
    holder: HOLDER[key],
    from,
    ready: free && (from === null || Date.parse(from) <= now),
  })
  if (application.hold !== null) return openObjections ? [task('hearing'), task('ruling')] : [task('hearing')]
  switch (application.state) {
    case 'applied':
      return [task('village_review', application.cooling_off_ends_at)]
    case 'noticed': {
      const determination = task('determination', application.notice_ends_at, openObjections === 0 || openObjections === null)
      return openObjections ? [task('ruling'), determination] : [determination]
    }
    case 'determined':
      return [task('county_approval')]
    case 'approved':
      return application.city === null ? [task('acceptance'), task('city_approval')] : [task('acceptance')]
    case 'accepted':
      return ofTicket(application.city, ticket, task)
    default:
      return []
  }
}

function ofTicket(city: string | null, ticket: Matter['ticket'], task: (key: TaskKey) => Task): Task[] {
  const settle = city === null ? [task('city_approval')] : []
  if (ticket === null) return [task('issue'), ...settle]
  if (ticket !== 'issued') return []
  return city === null ? settle : [task('hand_in')]
}

/** How many of all members have to agree: two thirds, rounded up. */
export function votesNeeded(members: number): number {
  return Math.ceil((members * 2) / 3)
}

/** `mine` can be done now by this role, `later` will be, `others` waits for somebody else, `over`. */
export type Shelf = 'mine' | 'later' | 'others' | 'over'

export interface Filed<M extends Matter> {
  matter: M
  task: Task | undefined
  shelf: Shelf
}

const SHELVES: Shelf[] = ['mine', 'later', 'others', 'over']

/**
 * All matters as a desk looks at them: what is next for the role first, in it those that are held,
 * then by date, oldest first.
 */
export function desk<M extends Matter>(matters: readonly M[], role: string, now: number): Filed<M>[] {
  const dateOf = ({ matter, task }: Filed<M>) => Date.parse(task?.from ?? matter.since ?? matter.application.applied_at)
  return matters
    .map((matter) => file(matter, role, now))
    .sort(
      (a, b) =>
        SHELVES.indexOf(a.shelf) - SHELVES.indexOf(b.shelf) ||
        Number(isHeld(b)) - Number(isHeld(a)) ||
        dateOf(a) - dateOf(b) ||
        (a.matter.application.id < b.matter.application.id ? -1 : 1),
    )
}

function isHeld({ matter }: Filed<Matter>): boolean {
  return matter.application.hold !== null
}

function file<M extends Matter>(matter: M, role: string, now: number): Filed<M> {
  const tasks = tasksOf(matter, now)
  const own = tasks.filter((task) => mayDo(role, task))
  const ready = own.find((task) => task.ready)
  if (ready) return { matter, task: ready, shelf: 'mine' }
  if (own[0]) return { matter, task: own[0], shelf: 'later' }
  return { matter, task: tasks[0], shelf: tasks[0] ? 'others' : 'over' }
}
