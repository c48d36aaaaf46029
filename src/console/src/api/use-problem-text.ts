import { useCallback } from 'react'
import { coreWords } from '../words/core.ts'
import { useWords } from '../words/language.tsx'
import { ApiProblem } from './problem.ts'

/** What to tell a person about a call that failed: the gateway's own words, or the console's where the gateway said nothing. */
export function useProblemText(): (error: unknown) => string {
  const t = useWords(coreWords)
  return useCallback(
    (error) => {
      if (!(error instanceof ApiProblem)) return t('unexpected')
      return error.code === 'unreachable' ? t('unreachable') : error.message
    },
    [t],
  )
}
