import type { CreateOutcome } from '../domain/attempts/outcome.ts'
import type { CreateRequest } from '../ports/upstream.ts'
import type { CallResult, Dialect, Prepared, PreparedValues } from './dialect.ts'
import type { ApiCall } from './transport/api-call.ts'

/**
 * Makes the calls before a create, if any, within `timeoutMs` in total. Without a definite result the create is
 * `never_sent`: no job was requested, so the calls may be repeated.
 */
export async function prepared(
  dialect: Dialect,
  request: CreateRequest,
  timeoutMs: number,
  send: (call: ApiCall, deadlineMs: number) => Promise<CallResult>,
): Promise<{ type: 'prepared'; values: PreparedValues } | CreateOutcome> {
  const until = performance.now() + timeoutMs
  let preparation = dialect.prepare?.(request) ?? null
  while (preparation !== null) {
    const leftMs = Math.floor(until - performance.now())
    if (leftMs < 1) return unsent(`What the create needs was not uploaded within ${timeoutMs} ms.`)
    const result = await send(preparation.call, leftMs)
    if (result.type !== 'answer') return unsent(result.message)
    const outcome: Prepared | CreateOutcome = preparation.decode(result)
    if (outcome.type === 'unknown') return unsent(outcome.message)
    if (outcome.type !== 'further') return outcome
    preparation = outcome.preparation
  }
  return { type: 'prepared', values: {} }
}

function unsent(message: string): CreateOutcome {
  return { type: 'never_sent', message, retryAfterMs: null }
}
