import { z } from 'zod'

/**
 * A word of a closed set in an answer. Documented as that set, and sent as it is stored: a row that another release wrote
 * must not turn a page into a 500.
 */
export function shownWord(known: readonly string[]) {
  return z.string().meta({ enum: [...known] })
}
