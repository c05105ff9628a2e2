/** lqx-seal/1 in the browser: a bid that nobody can read before the close. */

export { SealError, contextOf, encodeMessage, parseMessage } from './message'
export type { Custodian, Head, Message, Terms } from './message'
export { openWithDek, openWithKeys, seal, verdict } from './sealing'
export type { Bid, Opened } from './sealing'
