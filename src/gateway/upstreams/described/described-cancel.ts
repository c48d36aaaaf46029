import type { CancelOutcome } from '../../domain/attempts/outcome.ts'
import { parseJson } from '../answers/json-body.ts'
import { readVendorError } from '../answers/verdicts/vendor-error.ts'
import type { Dialect, FollowUp, ReceivedAnswer } from '../dialect.ts'
import { buildCall } from './build-call.ts'
import type { CancelPart } from './description/description-calls.ts'
import { firstOf, isTrue } from './expressions/expression.ts'
import type { Values } from './expressions/expression.ts'
import { operationValues } from './operation.ts'

/** Cancels a job, in one call or two. If no response confirms it, the next poll shows what became of the job. */
export function describedCancel(
  cancel: CancelPart,
  read: (answer: ReceivedAnswer) => ReceivedAnswer,
): NonNullable<Dialect['cancel']> {
  const { also } = cancel
  return {
    encode: (operation) => callOf(cancel, operationValues(operation)),
    decode(answer, operation): CancelOutcome | FollowUp<CancelOutcome> {
      const outcome = outcomeOf(cancel, read(answer))
      if (also === undefined || outcome.type === 'cancelled') return outcome
      return {
        type: 'follow_up',
        call: callOf(also, operationValues(operation)),
        decode: (second) => outcomeOf(also, read(second)),
      }
    },
  }
}

type One = Omit<CancelPart, 'also'>

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
