import type { CreateOutcome } from '../domain/attempts/outcome.ts'
import type { CreateRequest } from '../ports/upstream.ts'
import type { CallResult, Dialect, PreparedValues } from './dialect.ts'
import type { ApiCall } from './transport/api-call.ts'

/**
 * Makes the call before a create, where there is one. Without a definite answer the create is `never_sent`: no job was asked
 * for, and the call may be repeated.
 */
export async function prepared(
  dialect: Dialect,
  request: CreateRequest,
  send: (call: ApiCall) => Promise<CallResult>,
): Promise<{ type: 'prepared'; values: PreparedValues } | CreateOutcome> {
  const preparation = dialect.prepare?.(request) ?? null
  if (preparation === null) return { type: 'prepared', values: {} }
  const result = await send(preparation.call)
  if (result.type !== 'answer') return { type: 'never_sent', message: result.message, retryAfterMs: null }
  const outcome = preparation.decode(result)
  return outcome.type === 'unknown'
    ? { type: 'never_sent', message: outcome.message, retryAfterMs: null }
    : outcome
}
