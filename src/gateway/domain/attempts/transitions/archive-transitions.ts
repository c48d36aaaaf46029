import type { EventOf } from '../../generation/event.ts'
import type { Failure } from '../../generation/failure.ts'
import type { Attempt } from '../../generation/generation.ts'
import { isTerminal } from '../../generation/liveness.ts'
import type { TransitionBuffer } from '../transition-buffer.ts'
import { log, warn } from '../transition-buffer.ts'
import { endAttempt, letGo } from './ends.ts'
import { moveOn } from './move-on.ts'

export function archived(buffer: TransitionBuffer, attempt: Attempt, { video }: EventOf<'archived'>): void {
  const { next } = buffer
  attempt.detail = null
  endAttempt(buffer, attempt, { state: 'succeeded' })
  if (next.video !== null || next.status === 'cancelled') return
  next.video = video
  attempt.delivered = true
  if (isTerminal(next)) {
    warn(buffer, [
      { code: 'late_video', detail: `${attempt.upstream} delivered after the generation had ended.` },
    ])
    return log(buffer, 'generation.late_video', { attempt: attempt.id, upstream: attempt.upstream })
  }
  next.status = 'completed'
  next.completedAt = buffer.at
  next.nextAttemptAt = null
  log(buffer, 'generation.completed', {
    attempt: attempt.id,
    upstream: attempt.upstream,
    cost_micros: next.attempts.reduce((sum, { costMicros }) => sum + costMicros, 0),
  })
  letGo(buffer, 'cancelled')
}

export function archiveDelayed(
  attempt: Attempt,
  { at, gone, full, message, nextAt }: EventOf<'archive_delayed'>,
): void {
  attempt.lastError = { code: 'archive_delayed', message, at, tries: (attempt.lastError?.tries ?? 0) + 1 }
  // A full disk is no reason to give up a paid video: it waits for space as long as the upstream keeps it.
  if (!full) attempt.archiveTries += 1
  attempt.notFound = gone ? attempt.notFound + 1 : 0
  attempt.dueAt = nextAt
}

/** The video is paid for but cannot be downloaded. It is not rendered again, because that would be billed twice. */
export function archiveFailed(
  buffer: TransitionBuffer,
  attempt: Attempt,
  { message }: EventOf<'archive_failed'>,
): void {
  const failure: Failure = { code: 'archive_failed', message, fallback: false, retryAfterMs: null }
  endAttempt(buffer, attempt, { state: 'failed', failure })
  moveOn(buffer, failure)
}
