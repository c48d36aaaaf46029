import type { CallResult, FollowUp } from '../dialect.ts'
import type { ApiCall } from '../transport/api-call.ts'

/** Sends one call with its own timeout. */
export type Send = (call: ApiCall, deadlineMs: number) => Promise<CallResult>

type WithoutAnswer = Exclude<CallResult, { type: 'answer' }>

/** The maximum number of calls for one outcome, including the first. More would be a bug in a dialect. */
const maxCalls = 4

/** Makes the follow-up calls that a response requires. `otherwise`: the outcome if one of them gets no response. */
export async function followed<T extends { type: string }>(
  send: Send,
  first: T | FollowUp<T>,
  deadlineMs: number,
  otherwise: (result: WithoutAnswer) => T,
): Promise<T> {
  let outcome = first
  for (let calls = 1; isFollowUp(outcome); calls += 1) {
    if (calls === maxCalls) throw new Error(`A dialect asked for more than ${maxCalls} calls.`)
    const result = await send(outcome.call, deadlineMs)
    outcome = result.type === 'answer' ? outcome.decode(result) : otherwise(result)
  }
  return outcome
}

/** The outcome of a call that creates something, without a response. */
export function withoutAnswer(result: WithoutAnswer) {
  return result.type === 'not_sent'
    ? ({ type: 'never_sent', message: result.message, retryAfterMs: null } as const)
    : ({ type: 'unknown', message: result.message } as const)
}

/** The outcome of a call that only reads, without a response. */
export function unreachable({ message }: WithoutAnswer) {
  return { type: 'unreachable', message, retryAfterMs: null } as const
}

function isFollowUp<T extends { type: string }>(outcome: T | FollowUp<T>): outcome is FollowUp<T> {
  return outcome.type === 'follow_up'
}
