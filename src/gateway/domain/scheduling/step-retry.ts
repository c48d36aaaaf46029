import { jobNotFoundYet } from '../attempts/transitions/create-transitions.ts'
import { attemptIn } from '../attempts/transition-buffer.ts'
import { isLive } from '../generation/liveness.ts'
import type { TransitionBuffer } from '../attempts/transition-buffer.ts'
import type { EventOf, GenerationEvent } from '../generation/event.ts'
import { archiveFailed } from '../attempts/transitions/archive-transitions.ts'
import { jobReported } from '../attempts/transitions/job-transitions.ts'
import { backoffMs } from './poll-pacing.ts'
import { isWatched } from '../attempts/watched.ts'
import type { Attempt } from '../generation/generation.ts'

const longestPauseMs = 60_000
/** A start has no attempt to count its tries by. */
const startAgainMs = 5000

/** When to take a step again that came to nothing on our side: ever later, up to a minute; null once the watch is over. */
export function nextTryAt(
  createdAt: number,
  tries: number,
  { now, watchMs }: { now: number; watchMs: number },
): number | null {
  return now - createdAt >= watchMs ? null : now + backoffMs(tries, longestPauseMs)
}

/**
 * Nothing is known that was not known before, so nothing is decided: the step is taken again later. Two ends are not put
 * off by it: those by time, and the loss of a create's answer.
 */
export function stepFailed(buffer: TransitionBuffer, attempt: Attempt, event: EventOf<'step_failed'>): void {
  const { at } = buffer
  const { id: attemptId } = attempt
  const { message, nextAt } = event
  if (isWatched(attempt)) attempt.dueAt = nextAt
  if (!isLive(attempt)) return
  attempt.lastError = { code: event.code, message, at, tries: (attempt.lastError?.tries ?? 0) + 1 }
  switch (attempt.state) {
    case 'binding':
      attempt.dueAt = nextAt ?? at + longestPauseMs
      return
    case 'submitting':
      // The request may have left before it threw: what is found `submitting` becomes `unknown` at once.
      return
    case 'unknown':
      return jobNotFoundYet(buffer, attempt, {
        type: 'job_not_found_yet',
        at,
        attemptId,
        absent: false,
        askedAt: at,
        nextAt,
      })
    case 'running':
    case 'abandoned':
      return jobReported(buffer, attempt, {
        type: 'job_reported',
        at,
        attemptId,
        report: { type: 'unreachable', message, retryAfterMs: null },
        askedAt: at,
        nextAt,
      })
    case 'archiving':
      if (nextAt === null)
        return archiveFailed(buffer, attempt, { type: 'archive_failed', at, attemptId, message })
      // No try of the vendor's: a video that is paid for is not given up for a fault on our side.
      attempt.dueAt = nextAt
      return
    case 'succeeded':
    case 'failed':
      return
  }
}

/** The start of an attempt came to nothing on our side. */
export function startFailed({ next, at }: TransitionBuffer): void {
  if (next.nextAttemptAt !== null) next.nextAttemptAt = at + startAgainMs
}

/** What these say is that nothing was tried. */
const pauses: ReadonlySet<GenerationEvent['type']> = new Set([
  'binding_awaited',
  'poll_awaited',
  'poll_requested',
  'archive_delayed',
  'step_failed',
])

/** A step that came to an answer clears the last error of its attempt. */
export function clearLastError(buffer: TransitionBuffer, event: GenerationEvent): void {
  if (!('attemptId' in event) || event.attemptId === null || pauses.has(event.type)) return
  if (event.type === 'job_reported' && event.report.type === 'not_found') return
  const attempt = attemptIn(buffer, event.attemptId)
  if (isLive(attempt)) attempt.lastError = null
}
