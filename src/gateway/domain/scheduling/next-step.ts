import { isTerminal } from '../generation/liveness.ts'
import type { Attempt, Generation } from '../generation/generation.ts'
import { isWatched } from '../attempts/watched.ts'
import { awaitsLastAsk, verdictAt } from './last-poll.ts'

/** The one piece of I/O that a generation calls for now. */
export type Step =
  | { type: 'expire' }
  /** The deadline has passed: nothing leaves any more, and what may have been done meanwhile is asked about once. */
  | { type: 'close' }
  | { type: 'start' }
  /** Bind its characters, render its prompt, submit it. */
  | { type: 'submit'; attempt: Attempt }
  /** Found `submitting`: whoever submitted it is gone, and with it the answer. */
  | { type: 'recover'; attempt: Attempt }
  | { type: 'reconcile'; attempt: Attempt }
  | { type: 'poll'; attempt: Attempt }
  | { type: 'cancel'; attempt: Attempt }
  | { type: 'archive'; attempt: Attempt }
  /** A person said that it was not taken: look whether its job turns up. */
  | { type: 'watch'; attempt: Attempt }

/** What is due, most pressing first; null when nothing is. */
export function nextStep(generation: Generation, now: number): Step | null {
  const terminal = isTerminal(generation)
  const due = generation.attempts.filter(({ dueAt }) => dueAt !== null && dueAt <= now)
  const submitting = due.find(({ state }) => state === 'submitting')
  if (submitting !== undefined) return { type: 'recover', attempt: submitting }
  const verdict = verdictAt(generation)
  if (verdict !== null && verdict <= now) return { type: awaitsLastAsk(generation) ? 'close' : 'expire' }
  for (const attempt of due) {
    const step = stepOf(generation, attempt)
    if (step !== null) return step
  }
  if (!terminal && generation.nextAttemptAt !== null && generation.nextAttemptAt <= now)
    return { type: 'start' }
  return null
}

function stepOf(generation: Generation, attempt: Attempt): Step | null {
  switch (attempt.state) {
    case 'binding':
      return { type: 'submit', attempt }
    case 'unknown':
      return { type: 'reconcile', attempt }
    case 'running':
      return { type: 'poll', attempt }
    case 'abandoned': {
      const unwanted = generation.status === 'cancelled' || generation.status === 'completed'
      return { type: unwanted && !attempt.cancelAsked ? 'cancel' : 'poll', attempt }
    }
    case 'archiving':
      return { type: 'archive', attempt }
    case 'submitting':
      return { type: 'recover', attempt }
    case 'failed':
      return isWatched(attempt) ? { type: 'watch', attempt } : null
    case 'succeeded':
      return null
  }
}
