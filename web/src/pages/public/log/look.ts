/** Asks the log for its checkpoint, checks it, and compares it with the one seen on the last visit. */

import { recall, remember } from '@/base/memory'
import { checkCheckpoint, checkGrowth, keep, newest, readKept, type HeadReport, type Kept } from '@/log/check'
import { readRecord, type LogRecord } from '@/log/record'
import { prove, text, trusted, type Trusted } from '../check/ask'

const KEY = 'hrt.log.seen'

/** Whether history was kept since the last visit: `first` where there was none. */
export type History = 'first' | 'kept' | 'rewritten'

export interface Look {
  report: HeadReport
  /** The signed checkpoint as the node sent it. */
  note: string
  keys: Trusted
  before: Kept | undefined
  history: History
  /** The newest record, when it could be proven. */
  last: LogRecord | undefined
}

export function lastVisit(): Kept | undefined {
  return readKept(recall(KEY))
}

/** Begin anew from the present checkpoint: the reader knows why the old one no longer counts. */
export function forgetVisit(): void {
  remember(KEY, '')
}

/** What was seen before is kept until something verified continues it; else it is the evidence. */
export async function look(before: Kept | undefined, at: () => string | null, signal?: AbortSignal): Promise<Look> {
  const keys = await trusted()
  const seen = before !== undefined && before.checkpoint.size > 0 ? before : undefined
  const answer = await text(seen ? `/log/consistency?old=${seen.checkpoint.size}` : '/log/checkpoint', signal).catch(async (error: unknown) => {
    // A log that is shorter than what was seen has no proof to give: its checkpoint says so.
    if (seen === undefined) throw error
    return `old ${seen.checkpoint.size}\n\n${await text('/log/checkpoint', signal)}`
  })
  const report = seen ? checkGrowth(answer, seen.checkpoint, keys.trust) : checkCheckpoint(answer, keys.trust)
  const note = seen ? answer.slice(answer.indexOf('\n\n') + 2) : answer
  const broken = report.steps.some(({ name, outcome }) => name === 'growth' && outcome === 'fails')
  const history = seen === undefined ? 'first' : broken ? 'rewritten' : 'kept'
  if (report.verdict === 'proven') remember(KEY, keep(note, at()))
  return { report, note, keys, before: seen, history, last: await newestRecord(report, signal) }
}

async function newestRecord({ checkpoint, verdict }: HeadReport, signal?: AbortSignal): Promise<LogRecord | undefined> {
  const index = checkpoint && newest(checkpoint)
  if (index === undefined || verdict !== 'proven') return undefined
  try {
    const { report } = await prove(index, signal)
    return report.entry === undefined || report.verdict !== 'proven' ? undefined : readRecord(report.entry)
  } catch {
    return undefined
  }
}
