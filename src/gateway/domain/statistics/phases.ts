import type { Attempt, Generation } from '../generation/generation.ts'

/** The parts of the life of a successful attempt, in order. */
export const phases = ['queue', 'render', 'download'] as const
export type Phase = (typeof phases)[number]

/** How long the parts took, in ms; null for a part that did not end. */
export type PhaseTimes = Record<Phase, number | null>

/**
 * `queue`: from when the request was accepted, or from the end of the attempt before, until the create was sent. `render`:
 * from then until the upstream was found to have the video. `download`: from then until the caller has it.
 */
export function phasesOf({ createdAt, attempts }: Generation, attempt: Attempt): PhaseTimes {
  const before = attempts[attempts.findIndex(({ id }) => id === attempt.id) - 1]
  // One that is asked while the attempt before is still open waited for nothing else.
  const couldStartAt = before === undefined ? createdAt : (before.endedAt ?? attempt.startedAt)
  const renderedAt = attempt.renderedAt ?? null
  return {
    queue: between(couldStartAt, attempt.submittedAt),
    render: between(attempt.submittedAt, renderedAt),
    download: attempt.delivered ? between(renderedAt, attempt.endedAt) : null,
  }
}

/** Not below zero: the clock may have been set back. */
function between(from: number | null, to: number | null): number | null {
  return from === null || to === null ? null : Math.max(0, to - from)
}
