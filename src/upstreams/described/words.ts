import { meaningOf } from '../answers/status-words.ts'
import type { StatusMeaning } from '../answers/status-words.ts'
import type { StatusWords } from './description-calls.ts'

type Meaning = StatusMeaning | 'refused'

/** What a status word means: by the description's own words where it has any, else by those that vendors were seen to use. */
export interface Words {
  /** Null for a word that is not known: such a job is taken to be running. */
  meaningOf(word: string): Meaning | null
  knows(word: string): boolean
}

export function wordsOf(words: StatusWords | undefined): Words {
  if (words === undefined) return { meaningOf, knows: (word) => meaningOf(word) !== null }
  const byWord = new Map<string, Meaning>()
  const add = (meaning: Meaning, list: readonly string[] = []) => {
    for (const word of list) byWord.set(normal(word), meaning)
  }
  add('waiting', words.waiting)
  add('completed', words.completed)
  add('failed', words.failed)
  add('refused', words.refused)
  add('cancelled', words.cancelled)
  add('expired', words.expired)
  return {
    meaningOf: (word) => byWord.get(normal(word)) ?? null,
    // Words for waiting are the same everywhere, and not worth a line in the log.
    knows: (word) => byWord.has(normal(word)) || meaningOf(word) === 'waiting',
  }
}

function normal(word: string): string {
  return word.trim().toLowerCase()
}
