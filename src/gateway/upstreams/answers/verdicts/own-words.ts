import { answerVerdicts, statusMeanings } from '../../../domain/routing/answer-words.ts'
import type { AnswerWords, StatusMeaning } from '../../../domain/routing/answer-words.ts'
import type { Refine } from './create-verdict.ts'
import { meaningOf, normalWord } from './status-words.ts'
import type { Meanings } from './status-words.ts'

/**
 * Words that a configuration or profile adds for one upstream. Codes must match as a whole, sentences in part; case is
 * ignored.
 */
export function refineByWords(...own: readonly (AnswerWords | undefined)[]): Refine {
  const rows = own.flatMap((each) =>
    answerVerdicts.map((verdict) => ({
      verdict,
      said: (each?.says[verdict] ?? []).map((word) => word.toLowerCase()),
    })),
  )
  return ({ codes, message }) => {
    const text = message.toLowerCase()
    const row = rows.find(({ said }) => said.some((word) => codes.includes(word) || text.includes(word)))
    return row?.verdict ?? null
  }
}

/** Returns the first verdict of these rules. */
export function firstRefinement(...refinements: readonly Refine[]): Refine {
  return (error) => {
    for (const refine of refinements) {
      const found = refine(error)
      if (found !== null) return found
    }
    return null
  }
}

/** The known status words, overridden by those of one upstream. */
export function meaningsWith(own: AnswerWords | undefined, otherwise: Meanings = meaningOf): Meanings {
  const byWord = new Map<string, StatusMeaning>(
    statusMeanings.flatMap((meaning) =>
      (own?.words[meaning] ?? []).map((word) => [normalWord(word), meaning] as const),
    ),
  )
  return (word) => byWord.get(normalWord(word)) ?? otherwise(word)
}
