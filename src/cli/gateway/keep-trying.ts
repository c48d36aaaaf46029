import { setTimeout as pause } from 'node:timers/promises'
import { RefusedError } from './api.ts'
import { CliError, exitCodes } from '../output/terminal.ts'

const pauseMs = 1000
const longestMs = 120_000

/** Whether a request was not processed because the gateway is busy or out of reach for a moment. */
export function isShortOutage(error: unknown): boolean {
  if (error instanceof RefusedError) return error.status === 429 || error.status === 503
  return error instanceof CliError && error.exitCode === exitCodes.unreachable
}

/** Repeats a request through short outages, for two minutes at most. Only for requests that are safe to repeat. */
export async function keepTrying<T>(request: () => Promise<T>, signal: AbortSignal): Promise<T> {
  const until = Date.now() + longestMs
  for (;;) {
    try {
      return await request()
    } catch (error) {
      if (!isShortOutage(error) || Date.now() >= until) throw error
    }
    await pause(pauseMs, undefined, { signal })
  }
}
