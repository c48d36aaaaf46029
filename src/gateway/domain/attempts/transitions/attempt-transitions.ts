import { restoreSuspected } from '../../restore/restore-hold.ts'
import type { Attempt } from '../../generation/generation.ts'
import { stepFailed } from '../../scheduling/step-retry.ts'
import { pollRequested } from '../../scheduling/requested-poll.ts'
import { createEnded, jobFound, jobNotFoundYet, submitting } from './create-transitions.ts'
import { archived, archiveDelayed, archiveFailed } from './archive-transitions.ts'
import { jobReported } from './job-transitions.ts'
import { resubmitted } from './resubmission-transitions.ts'
import { chargeResolved, resolvedNotTaken, resolvedTaken, watched } from './resolution-transitions.ts'
import type { TransitionBuffer } from '../transition-buffer.ts'
import { endAttempt, settleCost } from './ends.ts'
import { moveOn } from './move-on.ts'
import type { EventOf } from '../../generation/event.ts'
import type { AttemptEvent } from './applicable-states.ts'

/** Writes what an event changes about its attempt, which is in a state where the event applies. */
export function applyToAttempt(buffer: TransitionBuffer, attempt: Attempt, event: AttemptEvent): void {
  switch (event.type) {
    case 'binding_awaited':
    case 'poll_awaited':
      attempt.dueAt = event.until
      return
    case 'binding_failed':
      return bindingFailed(buffer, attempt, event)
    case 'submitting':
      return submitting(buffer, attempt, event)
    case 'restore_suspected':
      return restoreSuspected(buffer, attempt, event)
    case 'create_ended':
      return createEnded(buffer, attempt, event)
    case 'job_found':
      return jobFound(buffer, attempt, event)
    case 'job_not_found_yet':
      return jobNotFoundYet(buffer, attempt, event)
    case 'resolved_taken':
      return resolvedTaken(buffer, attempt, event)
    case 'resolved_not_taken':
      return resolvedNotTaken(buffer, attempt, event)
    case 'charge_resolved':
      return chargeResolved(buffer, attempt, event)
    case 'resubmitted':
      return resubmitted(buffer, attempt, event)
    case 'watched':
      return watched(buffer, attempt, event)
    case 'job_reported':
      return jobReported(buffer, attempt, event)
    case 'poll_requested':
      return pollRequested(buffer, attempt, event)
    case 'archived':
      return archived(buffer, attempt, event)
    case 'archive_delayed':
      return archiveDelayed(attempt, event)
    case 'archive_failed':
      return archiveFailed(buffer, attempt, event)
    case 'cancel_asked':
      attempt.cancelAsked = true
      return
    case 'cancel_answered':
      return cancelAnswered(buffer, attempt, event)
    case 'step_failed':
      return stepFailed(buffer, attempt, event)
  }
}

function bindingFailed(
  buffer: TransitionBuffer,
  attempt: Attempt,
  { failure }: EventOf<'binding_failed'>,
): void {
  settleCost(attempt, 'not_taken')
  endAttempt(buffer, attempt, { state: 'failed', failure })
  moveOn(buffer, failure)
}

function cancelAnswered(
  buffer: TransitionBuffer,
  attempt: Attempt,
  { outcome, nextAt }: EventOf<'cancel_answered'>,
): void {
  attempt.dueAt = nextAt
  if (outcome.type !== 'cancelled') return
  settleCost(attempt, 'failed')
  endAttempt(buffer, attempt, {
    state: 'failed',
    failure: {
      code: 'cancelled',
      message: 'Cancelled at the upstream.',
      fallback: false,
      retryAfterMs: null,
    },
  })
}
