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

/**
 * To 32 steps for each doubling, so that times can be counted: at most 1.6 % off, and exact below 64 ms. Never changes which of
 * two times is the longer one.
 */
export function roundedMs(ms: number): number {
  const width = 2 ** Math.max(0, Math.floor(Math.log2(ms)) - 5)
  return Math.floor(ms / width) * width + Math.floor(width / 2)
}

/** Not below zero: the clock may have been set back. */
function between(from: number | null, to: number | null): number | null {
  return from === null || to === null ? null : Math.max(0, to - from)
}
