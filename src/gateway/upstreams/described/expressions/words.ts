import type { StatusMeaning } from '../../../domain/routing/answer-words.ts'
import { meaningOf, normalWord } from '../../answers/verdicts/status-words.ts'
import type { Meanings } from '../../answers/verdicts/status-words.ts'
import type { StatusWords } from '../description/description-calls.ts'

/** The meaning of a status word: by the description's own words first, then by the known words of vendors. */
export interface Words {
  /** Null for an unknown word: such a job is assumed to be running. */
  meaningOf(word: string): StatusMeaning | null
  knows(word: string): boolean
}

/** `own`: the words that the configuration defines for the upstream. */
export function wordsOf(words: StatusWords | undefined, own: Meanings = meaningOf): Words {
  if (words === undefined) return { meaningOf: own, knows: (word) => own(word) !== null }
  const byWord = new Map<string, StatusMeaning>()
  const add = (meaning: StatusMeaning, list: readonly string[] = []) => {
    for (const word of list) byWord.set(normalWord(word), meaning)
  }
  add('waiting', words.waiting)
  add('completed', words.completed)
  add('failed', words.failed)
  add('refused', words.refused)
  add('cancelled', words.cancelled)
  add('expired', words.expired)
  return {
    meaningOf: (word) => byWord.get(normalWord(word)) ?? own(word),
    knows: (word) => byWord.has(normalWord(word)) || own(word) !== null,
  }
}
