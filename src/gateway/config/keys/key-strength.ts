import { createHash } from 'node:crypto'
import { ZxcvbnFactory } from '@zxcvbn-ts/core'
import { adjacencyGraphs, dictionary } from '@zxcvbn-ts/language-common'

/** As many guesses as 16 characters without a pattern take, as a power of ten. */
const leastGuesses = 16
/** Of a longer secret its end, because many begin with a name; reading all of it would cost time at every start. */
const mostRead = 24
const mostRemembered = 1000

let estimator: ZxcvbnFactory | null = null
/** Hashes of those that were hard, so that a reload does not read them again: one takes milliseconds. */
const hard = new Set<string>()

/** Whether the secret resists guesses from words, keyboard patterns, dates, repetitions and sequences. */
export function isHardToGuess(secret: string): boolean {
  const hash = createHash('sha256').update(secret).digest('base64')
  if (hard.has(hash)) return true
  estimator ??= new ZxcvbnFactory({ dictionary, graphs: adjacencyGraphs })
  if (estimator.check(secret.slice(-mostRead)).guessesLog10 < leastGuesses) return false
  if (hard.size >= mostRemembered) hard.clear()
  hard.add(hash)
  return true
}
