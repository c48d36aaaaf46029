import type { CallResult, FollowUp } from '../dialect.ts'
import type { ApiCall } from '../transport/api-call.ts'

/** Sends one call within a deadline of its own. */
export type Send = (call: ApiCall, deadlineMs: number) => Promise<CallResult>

type WithoutAnswer = Exclude<CallResult, { type: 'answer' }>

/** Calls that one outcome may take, the first one included; more is a mistake in a dialect. */
const maxCalls = 4

/** Makes the further calls that an answer asks for. `otherwise`: what it comes to when one of them gets no answer. */
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

/** What a call that makes something comes to without an answer. */
export function withoutAnswer(result: WithoutAnswer) {
  return result.type === 'not_sent'
    ? ({ type: 'never_sent', message: result.message, retryAfterMs: null } as const)
    : ({ type: 'unknown', message: result.message } as const)
}

/** What a call that asks comes to without an answer. */
export function unreachable({ message }: WithoutAnswer) {
  return { type: 'unreachable', message, retryAfterMs: null } as const
}

function isFollowUp<T extends { type: string }>(outcome: T | FollowUp<T>): outcome is FollowUp<T> {
  return outcome.type === 'follow_up'
}
