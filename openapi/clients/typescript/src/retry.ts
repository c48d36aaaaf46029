import { UnderstudyError, UnreachableError } from './errors.ts'

export interface RetryOptions {
  /** Calls in all, with the first; 5 when not said, 1 for none again. */
  tries?: number
  /** Before the second call; doubled for each that follows, up to ten seconds. 500 when not said. */
  firstPauseMs?: number
}

/** What is longer than this is for the caller to decide. */
const longestHintSeconds = 60
const longestPauseMs = 10_000

/**
 * What may be done with a call whose answer was lost. `repeatable`: a question, or a request with an `Idempotency-Key`: the same again
 * has no other effect. `once`: the gateway may have done it, so it is only made again where an answer says that it was not done.
 */
export type Effect = 'repeatable' | 'once'

/**
 * Makes a call, and again while that is safe and may help: when no answer came, at 429 and 503, at 502 and 504 of a proxy, and while
 * the gateway still works on the first request with the same key. `Retry-After` counts, pauses are spread.
 * @throws UnderstudyError or UnreachableError of the last call; the reason of `signal`
 */
export async function withRetries<T>(
  call: () => Promise<T>,
  effect: Effect,
  { tries = 5, firstPauseMs = 500 }: RetryOptions = {},
  signal?: AbortSignal,
): Promise<T> {
  let pauseMs = firstPauseMs
  for (let tried = 1; ; tried++) {
    try {
      return await call()
    } catch (error) {
      signal?.throwIfAborted()
      // `fetch` rejects with a TypeError when there is no connection.
      const told = error instanceof TypeError ? new UnreachableError(error) : error
      if (tried >= tries || !passes(told, effect)) throw told
      const hint = told instanceof UnderstudyError ? told.retryAfterSeconds : null
      if (hint !== null && hint > longestHintSeconds) throw told
      await pause(hint === null ? pauseMs * (0.5 + Math.random() / 2) : hint * 1000, signal)
      signal?.throwIfAborted()
      pauseMs = Math.min(longestPauseMs, pauseMs * 2)
    }
  }
}

/** Whether the same call may have another end, and cannot be done twice. */
function passes(error: unknown, effect: Effect): boolean {
  if (error instanceof UnreachableError) return effect === 'repeatable'
  if (!(error instanceof UnderstudyError)) return false
  // A problem of the gateway says that nothing was stored; what a proxy answers says nothing.
  if (error.code === 'unreadable' && effect === 'once') return false
  if (error.code === 'idempotency_in_progress') return true
  return [429, 502, 503, 504].includes(error.status)
}

/** Resolves early when `signal` is aborted. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) return resolve()
    const end = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    signal?.addEventListener('abort', end, { once: true })
  })
}
