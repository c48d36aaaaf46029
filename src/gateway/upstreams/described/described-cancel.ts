import type { CancelOutcome } from '../../domain/attempts/outcome.ts'
import type { Json } from '../../domain/json.ts'
import { parseJson } from '../answers/json-body.ts'
import { readVendorError } from '../answers/verdicts/vendor-error.ts'
import type { Dialect, FollowUp, ReceivedAnswer } from '../dialect.ts'
import { askingCall, buildCall } from './build-call.ts'
import { statusOf } from './described-poll.ts'
import type { CancelPart, PollPart } from './description/description-calls.ts'
import { firstOf, isTrue } from './expressions/expression.ts'
import type { Values } from './expressions/expression.ts'
import { operationValues } from './operation.ts'

/**
 * Cancels a job, in one call or two, and asks about its status before where the description says so. If no response confirms
 * it, the next poll shows what became of the job.
 */
export function describedCancel(
  cancel: CancelPart,
  poll: PollPart,
  read: (answer: ReceivedAnswer) => ReceivedAnswer,
): NonNullable<Dialect['cancel']> {
  const { also, only_while: onlyWhile } = cancel
  const sent = (
    answer: ReceivedAnswer,
    operation: Json | undefined,
  ): CancelOutcome | FollowUp<CancelOutcome> => {
    const outcome = outcomeOf(cancel, read(answer))
    if (also === undefined || outcome.type === 'cancelled') return outcome
    return {
      type: 'follow_up',
      call: callOf(also, operationValues(operation)),
      decode: (second) => outcomeOf(also, read(second)),
    }
  }
  if (onlyWhile === undefined)
    return { encode: (operation) => callOf(cancel, operationValues(operation)), decode: sent }
  return {
    encode: (operation) => askingCall(poll, operationValues(operation)),
    decode(answer, operation) {
      const values = operationValues(operation)
      const { status, body } = read(answer)
      const word = status < 300 ? statusOf(firstOf(poll.status, parseJson(body), values)) : undefined
      if (word === undefined)
        return { type: 'not_cancelled', message: 'The upstream did not say how far the job is.' }
      if (!onlyWhile.some((each) => each.toLowerCase() === word.toLowerCase()))
        return {
          type: 'not_cancelled',
          message: `The upstream cannot cancel the job any more: it is ${word}.`,
        }
      return { type: 'follow_up', call: callOf(cancel, values), decode: (next) => sent(next, operation) }
    },
  }
}

type One = Omit<CancelPart, 'also' | 'only_while'>

function callOf(part: One, values: Values) {
  const call = buildCall(part, values)
  if (call === null) throw new Error('A described cancel has a path for which the operation has no value.')
  return call
}

function outcomeOf({ done_when: doneWhen }: One, answer: ReceivedAnswer): CancelOutcome {
  if (answer.status < 300) {
    if (doneWhen !== undefined && isTrue(firstOf(doneWhen, parseJson(answer.body))))
      return { type: 'cancelled' }
    return {
      type: 'not_cancelled',
      message: 'The upstream accepted the cancellation but has not confirmed it.',
    }
  }
  const { message } = readVendorError(answer)
  return { type: 'not_cancelled', message: message === '' ? `HTTP ${answer.status}` : message }
}
