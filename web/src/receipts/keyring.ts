/** The keys that the reader trusts: typed in, or read once from a node and remembered. */

import { recall, remember } from '../base/memory'

const KEY = 'hrt.keys'

export interface Keyring {
  /** As `parseTrust` reads it. */
  text: string
  /** Where the text came from: a node's address, or the reader. */
  source: string
}

export function recallKeys(): Keyring | undefined {
  try {
    const kept = JSON.parse(recall(KEY) ?? 'null') as Partial<Keyring> | null
    return typeof kept?.text === 'string' && typeof kept.source === 'string'
      ? { text: kept.text, source: kept.source }
      : undefined
  } catch {
    return undefined
  }
}

export function rememberKeys(keyring: Keyring): void {
  remember(KEY, JSON.stringify(keyring))
}

/** What the node shows now; throws when it cannot be reached. */
export async function fetchKeys(): Promise<Keyring> {
  const [receipts, policy] = await Promise.all([text('/log/receipts-vkey'), text('/log/policy')])
  return { text: `receipts ${receipts.trim()}\n${policy}`, source: location.origin }
}

async function text(path: string): Promise<string> {
  const answer = await fetch(path)
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`)
  return answer.text()
}
