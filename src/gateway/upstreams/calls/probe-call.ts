import type { ProbedCall } from '../../domain/steering/probe.ts'
import type { Probe } from '../dialect.ts'
import type { Send } from './follow-up.ts'

/** Relays list some hundred models. */
const mostModels = 1000

/** Makes one call that costs nothing, once. `toPublic` makes a text of the upstream safe to show. */
export async function probeCall(
  { operation, call, decode }: Probe,
  send: Send,
  deadlineMs: number,
  toPublic: (text: string) => string,
): Promise<ProbedCall> {
  const began = performance.now()
  const result = await send(call, deadlineMs)
  const ms = Math.round(performance.now() - began)
  if (result.type !== 'answer')
    return { operation, ms, httpStatus: null, status: 'unreachable', message: toPublic(result.message) }
  const { message, models, ...reading } = decode(result)
  return {
    ...reading,
    operation,
    ms,
    httpStatus: result.status,
    message: message === null ? null : toPublic(message),
    ...(models !== undefined && { models: models.slice(0, mostModels).map(toPublic) }),
  }
}
