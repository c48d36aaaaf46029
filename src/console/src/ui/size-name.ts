import { coreWords } from '../words/core.ts'
import { useWords } from '../words/language.tsx'

/** A size as people say it: `1280x720` as it is, `landscape` and `portrait` in the language chosen. */
export function useSizeName(): (size: string) => string {
  const t = useWords(coreWords)
  return (size) => (size === 'landscape' || size === 'portrait' ? t(`size_${size}`) : size)
}
