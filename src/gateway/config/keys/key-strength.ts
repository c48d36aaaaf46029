import { createHash } from 'node:crypto'
import { createRequire } from 'node:module'
import type { ZxcvbnFactory } from '@zxcvbn-ts/core'
import type { adjacencyGraphs, dictionary } from '@zxcvbn-ts/language-common'
import { z } from 'zod'

/** As many guesses as 16 characters without a pattern take, as a power of ten. */
const leastGuesses = 16
/** Of a longer secret its end, because many begin with a name; reading all of it would cost time at every start. */
const mostRead = 24
const mostRemembered = 1000

let estimator: ZxcvbnFactory | null = null

const Core = z.object({
  ZxcvbnFactory: z.custom<typeof ZxcvbnFactory>((value) => typeof value === 'function'),
})
const Words = z.object({
  adjacencyGraphs: z.custom<typeof adjacencyGraphs>(),
  dictionary: z.custom<typeof dictionary>(),
})

/** Its words are loaded on first use: they take 0.1 s and 15 MB, and a start without configured keys has none to rate. */
function createEstimator(): ZxcvbnFactory {
  const load = createRequire(import.meta.url)
  const core = Core.parse(load('@zxcvbn-ts/core'))
  const words = Words.parse(load('@zxcvbn-ts/language-common'))
  return new core.ZxcvbnFactory({ dictionary: words.dictionary, graphs: words.adjacencyGraphs })
}

/** Hashes of those that were hard, so that a reload does not read them again: one takes milliseconds. */
const hard = new Set<string>()

/** Whether the secret resists guesses from words, keyboard patterns, dates, repetitions and sequences. */
export function isHardToGuess(secret: string): boolean {
  const hash = createHash('sha256').update(secret).digest('base64')
  if (hard.has(hash)) return true
  estimator ??= createEstimator()
  if (estimator.check(secret.slice(-mostRead)).guessesLog10 < leastGuesses) return false
  if (hard.size >= mostRemembered) hard.clear()
  hard.add(hash)
  return true
}
