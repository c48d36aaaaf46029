import type { JobReport } from '../../domain/attempts/outcome.ts'
import type { Json } from '../../domain/json.ts'
import type { Dialect } from '../dialect.ts'
import { followed, unreachable } from './follow-up.ts'
import type { Send } from './follow-up.ts'

/** Asks once about a job, with the calls that its answer asks for. Words of the vendor in the report are not yet public. */
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
