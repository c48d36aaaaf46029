import type { NewAttempt } from '../generation/event.ts'
import type { Attempt } from '../generation/generation.ts'

/** An attempt as it starts: nothing was sent yet, and its cost is reserved. `at`: ms since the epoch. */
export function newAttempt({ attemptMs, ...chosen }: NewAttempt, at: number): Attempt {
  return {
    ...chosen,
    state: 'binding',
    prompt: null,
    costMicros: 0,
    costState: 'reserved',
    delivered: false,
    sentTo: null,
    upstreamId: null,
    operation: null,
    result: null,
    upstreamModel: null,
    progress: 0,
    statusWord: null,
    detail: null,
    vendorCostMicros: null,
    notFound: 0,
    archiveTries: 0,
    lastError: null,
    askedAt: null,
    rebound: false,
    cancelAsked: false,
    startedAt: at,
    submittedAt: null,
    acceptedAt: null,
    lastChangeAt: at,
    deadlineAt: at + attemptMs,
    holdUntil: null,
    dueAt: at,
    endedAt: null,
    failure: null,
    resolution: null,
  }
}
