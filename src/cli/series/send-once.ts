import { setTimeout as pause } from 'node:timers/promises'
import { RefusedError } from '../gateway/api.ts'
import type { Api } from '../gateway/api.ts'
import { CliError } from '../output/terminal.ts'
import { series } from '../gateway/shapes.ts'
import type { Series } from '../gateway/shapes.ts'

const mostTries = 3
const pauseMs = 1000

/**
 * Sends a request that creates or changes a series. Safe to repeat: with the same key the gateway finds what it has
 * stored. Throws `RefusedError` for a definite error. `onUncertain` is called before repeating a request that may have
 * succeeded.
 */
export async function sendOnce(
  api: Api,
  path: string,
  { body, key, onUncertain }: { body: object; key: string; onUncertain?: () => void },
): Promise<Series> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await api.call('POST', path, series, { body, headers: { 'idempotency-key': key } })
    } catch (error) {
      if (!(error instanceof CliError)) throw error
      if (error instanceof RefusedError && !passes(error)) throw error
      if (!wasShed(error)) onUncertain?.()
      if (tries === mostTries) throw unanswered(error)
    }
    await pause(pauseMs)
  }
}

function unanswered({ exitCode, message }: CliError): CliError {
  const advice = 'Run the same command again to continue. It never creates a second series.'
  return new CliError(exitCode, `${message}\n${advice}`)
}

/** Rejected before it was processed. */
function wasShed(error: CliError): boolean {
  return error instanceof RefusedError && (error.status === 429 || error.code === 'overloaded')
}

/** Errors that a retry may not get: overload, and the same request still in progress. */
export function passes({ status, code }: RefusedError): boolean {
  return status >= 500 || status === 429 || code === 'idempotency_in_progress'
}
