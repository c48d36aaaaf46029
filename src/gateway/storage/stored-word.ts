import { z } from 'zod'

/**
 * A word of a closed set, as it is stored. A word that this release does not know was written by another one: it is kept
 * and shown as it is, because one odd row must not fail the page that it is on. What decides by such words must treat one
 * that it does not know like none.
 */
export function storedWord<const Word extends string>(_known: readonly Word[]): z.ZodType<Word> {
  return z.custom<Word>((value) => typeof value === 'string')
}
