/** A command with a large body, whose way to the server can be watched; `fetch` tells nothing of it. */

import { commandHeaders, noticed } from './http'
import { problemOf, Unreachable } from './problems'

/** So long nothing may move before it counts as cut off. */
const STALLED_MS = 60_000

/** Send a command once, telling how many bytes have left. Throws `ApiProblem` or `Unreachable`. */
export function upload(path: string, body: unknown, key: string, told: (sent: number, all: number) => void): Promise<unknown> {
  const request = new XMLHttpRequest()
  return new Promise((resolve, reject) => {
    let timer = setTimeout(() => request.abort(), STALLED_MS)
    request.upload.addEventListener('progress', ({ loaded, total }) => {
      clearTimeout(timer)
      timer = setTimeout(() => request.abort(), STALLED_MS)
      told(loaded, total)
    })
    request.addEventListener('loadend', () => {
      clearTimeout(timer)
      answered(request).then(resolve, reject)
    })
    request.open('POST', path)
    for (const [name, value] of Object.entries(commandHeaders(key))) request.setRequestHeader(name, value)
    request.send(JSON.stringify(body))
  })
}

async function answered({ status, responseText }: XMLHttpRequest): Promise<unknown> {
  if (status === 0) throw new Unreachable('no answer')
  const answer = new Response(responseText, { status })
  if (!answer.ok) throw noticed(await problemOf(answer))
  try {
    return JSON.parse(responseText)
  } catch {
    throw new Unreachable('a cut answer')
  }
}
