import type { JobReport } from '../../domain/attempts/outcome.ts'
import type { Json } from '../../domain/json.ts'
import type { Dialect } from '../dialect.ts'
import { followed, unreachable } from './follow-up.ts'
import type { Send } from './follow-up.ts'

/**
 * Polls a job once, with the follow-up calls that the response requires. Vendor messages in the report are not redacted
 * yet.
 */
export async function pollJob(
  dialect: Dialect,
  send: Send,
  timeoutMs: number,
  operation: Json,
): Promise<JobReport> {
  const result = await send(dialect.poll.encode(operation), timeoutMs)
  if (result.type !== 'answer') return unreachable(result)
  return followed<JobReport>(send, dialect.poll.decode(result, operation), timeoutMs, unreachable)
}
