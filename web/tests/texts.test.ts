/** What villagers and the public read is short: nobody has to read a sentence twice. */

import { expect, test } from 'vitest'

const SENTENCE_MAX = 25
const files = import.meta.glob<{ zh: unknown; en: unknown }>('../src/pages/{public,villager}/**/texts.ts', { eager: true })

/** Every text of a catalogue; of texts with values, one with short ones. */
function texts(part: unknown): string[] {
  if (typeof part === 'string') return [part]
  if (typeof part === 'function') return texts((part as (...values: unknown[]) => unknown)('1', '1', '1', '1'))
  return part !== null && typeof part === 'object' ? Object.values(part).flatMap(texts) : []
}

test.each(Object.entries(files))('%s has short Chinese sentences', (_, { zh }) => {
  const sentences = texts(zh).flatMap((text) => text.split(/[。！？；\n]/))
  expect(sentences.filter((sentence) => sentence.length > SENTENCE_MAX)).toEqual([])
})

test.each(Object.entries(files))('%s says the same number of things in both languages', (_, { zh, en }) => {
  expect(texts(en)).toHaveLength(texts(zh).length)
})
