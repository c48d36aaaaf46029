import { z } from 'zod'

/**
 * A stored word of a closed set. A word that this release does not know was written by another release. It is kept and
 * shown as it is, because one such row must not fail a whole page. Code that decides by these words must treat an
 * unknown one as none.
 */
export function storedWord<const Word extends string>(_known: readonly Word[]): z.ZodType<Word> {
  return z.custom<Word>((value) => typeof value === 'string')
}
