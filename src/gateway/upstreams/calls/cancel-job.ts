import type { Json } from '../../domain/json.ts'
import type { CancelOutcome } from '../../domain/attempts/outcome.ts'
import type { Dialect } from '../dialect.ts'
import { followed } from './follow-up.ts'
import type { Send } from './follow-up.ts'

/** Asks a vendor to cancel a job, in as many calls as its protocol needs. */
export async function cancelJob(
  { cancel }: Dialect,
  send: Send,
  deadlineMs: number,
  operation: Json,
): Promise<CancelOutcome> {
  if (cancel === null) return { type: 'unsupported' }
  const result = await send(cancel.encode(operation), deadlineMs)
  if (result.type !== 'answer') return { type: 'not_cancelled', message: result.message }
  return followed<CancelOutcome>(send, cancel.decode(result, operation), deadlineMs, ({ message }) => ({
    type: 'not_cancelled',
    message,
  }))
}
