import type { EventOf } from '../../generation/event.ts'
import type { Attempt } from '../../generation/generation.ts'
import { dueAfter } from '../../scheduling/requested-poll.ts'
import { noteAsked } from '../account.ts'
import { tellsOfJob } from '../outcome.ts'
import type { JobEnd, JobReport } from '../outcome.ts'
import { log } from '../transition-buffer.ts'
import type { TransitionBuffer } from '../transition-buffer.ts'
import { abandon } from './ends.ts'
import { jobEnded, lost } from './job-end-transitions.ts'
import { moveOnAtRisk } from './move-on.ts'

/** A single 404 proves nothing: caches and replicas of vendors can miss a job for a moment. */
const lostAfterNotFound = 3

/** What a poll said about the job of a running or abandoned attempt. */
export function jobReported(
  buffer: TransitionBuffer,
  attempt: Attempt,
  event: EventOf<'job_reported'>,
): void {
  const { report } = event
  attempt.askedAt = event.askedAt
  attempt.dueAt = report.type === 'not_found' ? event.nextAt : dueAfter(buffer, attempt, event)
  const isStranger = report.type === 'not_found' && event.by !== undefined
  noteAsked(attempt, event.by, tellsOfJob(report))
  attempt.notFound = report.type === 'not_found' && !isStranger ? attempt.notFound + 1 : 0
  switch (report.type) {
    case 'completed':
    case 'failed':
    case 'refused':
      return jobEnded(buffer, attempt, report)
    case 'not_found':
      if (isStranger) noteStranger(attempt, event.at)
      if (attempt.notFound >= lostAfterNotFound) return lost(buffer, attempt, report.message)
      return watchForStall(buffer, attempt)
    case 'running':
      noteProgress(buffer, attempt, report)
      if (report.apparent !== undefined && isUnchanged(buffer, attempt))
        return jobEnded(buffer, attempt, report.apparent)
      return watchForStall(buffer, attempt)
    case 'unreadable':
    case 'unreachable':
      return watchForStall(buffer, attempt)
  }
}

/** Only the account that accepted a job can deny it. */
function noteStranger(attempt: Attempt, at: number): void {
  const message = `${attempt.upstream} does not know this job, but it was sent there under another address or key, or before these were kept. It is asked again.`
  attempt.lastError = { code: 'origin_changed', message, at, tries: (attempt.lastError?.tries ?? 0) + 1 }
}

/** How long an unknown status that looks final must stay unchanged before it is believed. */
const apparentAfterMs = 60_000

function isUnchanged({ at }: TransitionBuffer, { lastChangeAt, stallMs }: Attempt): boolean {
  return at - lastChangeAt >= Math.min(apparentAfterMs, stallMs / 2)
}

function noteProgress(
  buffer: TransitionBuffer,
  attempt: Attempt,
  report: Extract<JobReport, { type: 'running' }>,
): void {
  // 100 is reserved for completed. Progress never decreases, even if the vendor's does.
  const queuePosition = report.queuePosition ?? null
  const isMoved = queuePosition !== (attempt.queuePosition ?? null)
  attempt.queuePosition = queuePosition
  attempt.detail = detailOf(report)
  const progress = Math.max(attempt.progress, Math.min(99, report.progress ?? 0))
  if (progress === attempt.progress && report.status === attempt.statusWord && !isMoved) return
  attempt.progress = progress
  attempt.statusWord = report.status
  attempt.lastChangeAt = buffer.at
  log(buffer, 'attempt.progress', {
    attempt: attempt.id,
    upstream: attempt.upstream,
    progress,
    status: report.status,
    ...(queuePosition !== null && { queue_position: queuePosition }),
  })
}

function detailOf({
  status,
  queuePosition,
  apparent,
}: Extract<JobReport, { type: 'running' }>): string | null {
  if (queuePosition !== undefined) return `Position ${queuePosition} in the queue of the upstream.`
  return apparent === undefined ? null : notUnderstood(status, apparent)
}

function notUnderstood(status: string, { type }: JobEnd): string {
  return `The status "${status}" is not known; the rest of the answer looks like a job that is ${type}.`
}

/**
 * No change for too long, or past the deadline. This is not a verdict: the job is still watched and its cost stays
 * reserved.
 */
function watchForStall(buffer: TransitionBuffer, attempt: Attempt): void {
  if (attempt.state !== 'running') return
  const { at } = buffer
  const stalled = at - attempt.lastChangeAt >= attempt.stallMs
  if (!stalled && at < attempt.deadlineAt) return
  abandon(buffer, attempt, {
    code: stalled ? 'stalled' : 'deadline',
    message: stalled
      ? `No change for ${Math.round((at - attempt.lastChangeAt) / 1000)} s at ${attempt.progress} %.`
      : `Not finished within ${Math.round((at - (attempt.acceptedAt ?? attempt.startedAt)) / 1000)} s.`,
    fallback: false,
    retryAfterMs: null,
  })
  moveOnAtRisk(buffer, attempt)
}
