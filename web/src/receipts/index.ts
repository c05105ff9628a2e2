/** Receipts, checked without anybody's help. */

export { checkReceipt } from './check'
export type { Outcome, Report, Step, StepName, Verdict } from './check'
export { recordOf } from './promise'
export type { Promised } from './promise'
