import { z } from 'zod'

/**
 * A value of a closed set in a response. It is documented as the set but sent as stored, so that a row of another release
 * does not turn a page into a 500.
 */
export function shownWord(known: readonly string[]) {
  return z.string().meta({ enum: [...known] })
}
