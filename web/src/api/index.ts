/** The API for views: ask, command, the session, the server's clock. */

export { useNow, type Now } from './clock'
export { useCommand, type Command, type CommandState } from './command'
export { all, useData, usePages, type Data, type DataStateName, type Pages } from './data'
export { address, fetchFile, get, newKey, patiently, send } from './http'
export { alone, dropIntent, keepIntent, recallIntent, type Intent } from './intents'
export { online, onReturn } from './online'
export { ApiProblem, isPassing, receiptOf, Unreachable } from './problems'
export { sessionReady, useSession, type Acting, type Role, type Session, type SessionState } from './session'
export { upload } from './upload'
export type { Answer, Asked, GetPath, Item, ListPath, Made, Out, PostPath, Sent } from './types'
