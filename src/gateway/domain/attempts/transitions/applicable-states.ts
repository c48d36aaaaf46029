import type { EventOf, GenerationEvent } from '../../generation/event.ts'
import { attemptStates } from '../../generation/generation.ts'
import type { Attempt, AttemptState } from '../../generation/generation.ts'
import type { AttemptId } from '../../ids.ts'
import { isWatched } from '../watched.ts'

/** What happens to one attempt. `restore_held` may name an attempt, but is about every one that has not left. */
export type AttemptEvent =
  Extract<GenerationEvent, { attemptId: AttemptId }> | (EventOf<'step_failed'> & { attemptId: AttemptId })
export type AttemptEventType = AttemptEvent['type']

/** `watched`: it failed because a person said that the job was not taken, and the job is still looked for. */
export const attemptPhases = [...attemptStates, 'watched'] as const
export type AttemptPhase = (typeof attemptPhases)[number]

/**
 * In which states of its attempt an event applies. In any other it comes too late, or too early, and changes nothing.
 * docs/ARCHITECTURE.md#events-and-states shows this table.
 */
export const applicableStates = {
  binding_awaited: ['binding'],
  binding_failed: ['binding'],
  submitting: ['binding'],
  restore_suspected: ['binding'],
  // The answer to a create may arrive after its lease moved on, when it counts as unknown already.
  create_ended: ['submitting', 'unknown'],
  job_found: ['unknown'],
  job_not_found_yet: ['unknown'],
  // Of any other attempt the upstream has said what it is.
  resolved_taken: ['unknown'],
  resolved_not_taken: ['unknown'],
  // Only if it was paid without a video, and nobody has resolved it.
  charge_resolved: ['succeeded', 'failed'],
  resubmitted: ['unknown'],
  watched: ['watched'],
  poll_awaited: ['running', 'abandoned'],
  job_reported: ['running', 'abandoned'],
  poll_requested: ['unknown', 'running', 'abandoned', 'watched'],
  archived: ['archiving'],
  archive_delayed: ['archiving'],
  archive_failed: ['archiving'],
  cancel_asked: ['abandoned'],
  cancel_answered: ['abandoned'],
  step_failed: ['binding', 'submitting', 'unknown', 'running', 'archiving', 'abandoned', 'watched'],
} as const satisfies Record<AttemptEventType, readonly AttemptPhase[]>

type EndState = Extract<AttemptState, 'succeeded' | 'failed'>
/** Does not compile if any other state is missing from every row, because an attempt could never leave it. */
type CoveredPhase = EndState | (typeof applicableStates)[AttemptEventType][number]

export function isAttemptEvent(event: GenerationEvent): event is AttemptEvent {
  return Object.hasOwn(applicableStates, event.type) && 'attemptId' in event && event.attemptId !== null
}

/** Whether an event changes an attempt that is as this one is. */
export function appliesTo(type: AttemptEventType, attempt: Attempt): boolean {
  const phase: CoveredPhase = isWatched(attempt) ? 'watched' : attempt.state
  const phases: readonly AttemptPhase[] = applicableStates[type]
  return phases.includes(phase)
}
