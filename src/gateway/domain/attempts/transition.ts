import { dueAtOf, progressOf } from '../generation/derived.ts'
import type { GenerationEvent } from '../generation/event.ts'
import type { Generation } from '../generation/generation.ts'
import type { LogEntry } from '../generation/history.ts'
import { askByDeadline } from '../scheduling/last-poll.ts'
import { clearLastError } from '../scheduling/step-retry.ts'
import { attemptIn, bufferOf } from './transition-buffer.ts'
import type { TransitionBuffer } from './transition-buffer.ts'
import { appliesTo, isAttemptEvent } from './transitions/applicable-states.ts'
import { applyToAttempt } from './transitions/attempt-transitions.ts'
import { applyToGeneration } from './transitions/generation-transitions.ts'

export interface Transition {
  generation: Generation
  entries: LogEntry[]
}

/**
 * The only writer of a generation's state.
 *
 * Generation: `queued → in_progress → completed | failed | cancelled`; the last three are final: later events may still
 * settle an attempt's cost or bring a late video, but never change status or error. One exception: a person who accepts two
 * bills takes `failed` with `outcome_unknown` back to `in_progress`.
 *
 * Attempt: `binding → submitting → running → archiving → succeeded`, each of the first four also `→ failed`;
 * `submitting → unknown → running | failed` (reconciled); `running → abandoned → archiving | succeeded | failed` (late);
 * `failed → running | abandoned` once, when the job turns up that a person said was not taken;
 * `submitting | unknown → binding` once, when the upstream no longer knows a character.
 *
 * At most one attempt is live (binding, submitting, unknown, running, archiving, abandoned) unless the request says
 * `on_unknown: fallback`, a person accepted two bills, or said of a job that it was not taken. `applicableStates` says in which states of its
 * attempt an event applies; in any other it changes nothing.
 *
 * Throws when an event names an attempt that does not exist: that is a fault of the caller, not of an upstream.
 */
export function transition(generation: Generation, event: GenerationEvent): Transition {
  const buffer = bufferOf(generation, event.at)
  apply(buffer, event)
  askByDeadline(buffer.next, event.at)
  buffer.next.progress = progressOf(buffer.next)
  buffer.next.dueAt = dueAtOf(buffer.next)
  return { generation: buffer.next, entries: buffer.entries }
}

function apply(buffer: TransitionBuffer, event: GenerationEvent): void {
  if (!isAttemptEvent(event)) {
    clearLastError(buffer, event)
    return applyToGeneration(buffer, event)
  }
  const attempt = attemptIn(buffer, event.attemptId)
  if (!appliesTo(event.type, attempt)) return
  clearLastError(buffer, event)
  applyToAttempt(buffer, attempt, event)
}
