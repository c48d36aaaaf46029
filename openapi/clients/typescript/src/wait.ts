import type { components } from './schema.ts'
import { GenerationFailedError, UnderstudyError, WaitTimeoutError } from './errors.ts'
import { pause } from './retry.ts'

type Generation = components['schemas']['Generation']

export interface WaitOptions {
  /** In all; 30 minutes when not said, which is what the gateway gives a generation. */
  timeoutMs?: number
  signal?: AbortSignal
  /** Called with every state that differs from the one before. */
  onProgress?: (generation: Generation) => void
}

const defaultTimeoutMs = 30 * 60_000
/** One call of the long poll; proxies commonly cut at 60 s. */
const longestPollSeconds = 30
const longestPauseMs = 10_000

/**
 * Asks until a generation has ended: the video is there, or `GenerationFailedError`. What passes by itself (no connection,
 * 429, 502-504) is asked again with growing pauses or after `Retry-After`: a question costs nothing to repeat.
 */
export async function wait(
  ask: (id: string, waitSeconds: number, signal: AbortSignal) => Promise<Generation>,
  id: string,
  { timeoutMs = defaultTimeoutMs, signal: given, onProgress }: WaitOptions,
  firstPauseMs: number,
): Promise<Generation> {
  const timeout = AbortSignal.timeout(timeoutMs)
  const signal = given === undefined ? timeout : AbortSignal.any([timeout, given])
  let pauseMs = firstPauseMs
  let shown = ''
  for (;;) {
    given?.throwIfAborted()
    if (timeout.aborted) throw new WaitTimeoutError(id)
    const generation = await ask(id, longestPollSeconds, signal).catch((error: unknown) => {
      if (signal.aborted) return null
      if (!passes(error)) throw error
      return error instanceof UnderstudyError ? error.retryAfterSeconds : null
    })
    if (generation === null || typeof generation === 'number') {
      await pause(generation === null ? pauseMs : generation * 1000, signal)
      pauseMs = Math.min(longestPauseMs, pauseMs * 2)
      continue
    }
    pauseMs = firstPauseMs
    const state = `${generation.status} ${generation.progress} ${generation.attempts.length}`
    if (state !== shown) onProgress?.(generation)
    shown = state
    if (generation.status === 'completed') return generation
    if (generation.status === 'failed' || generation.status === 'cancelled')
      throw new GenerationFailedError(generation)
  }
}

function passes(error: unknown): boolean {
  if (error instanceof UnderstudyError) return [429, 502, 503, 504].includes(error.status)
  // `fetch` rejects with a TypeError when there is no connection.
  return error instanceof TypeError
}
