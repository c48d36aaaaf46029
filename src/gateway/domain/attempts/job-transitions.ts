import { noteAsked } from './account.ts'
import { warnOfModel } from './create-transitions.ts'
import {
  abandon,
  endAttempt,
  isTerminal,
  keepTo,
  letGo,
  log,
  moveOn,
  moveOnAtRisk,
  settleCost,
  warn,
} from './transition-buffer.ts'
import type { TransitionBuffer } from './transition-buffer.ts'
import type { EventOf } from '../generation/event.ts'
import type { Failure } from '../generation/failure.ts'
import type { Attempt } from '../generation/generation.ts'
import { dueAfter } from '../scheduling/requested-poll.ts'
import type { JobEnd, JobReport, VendorCharge } from './outcome.ts'
import { tellsOfJob } from './outcome.ts'

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
      return ended(buffer, attempt, report)
    case 'not_found':
      if (isStranger) noteStranger(attempt, event.at)
      if (attempt.notFound >= lostAfterNotFound) return lost(buffer, attempt, report.message)
      return watchForStall(buffer, attempt)
    case 'running':
      noteProgress(buffer, attempt, report)
      if (report.apparent !== undefined && isUnchanged(buffer, attempt))
        return ended(buffer, attempt, report.apparent)
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

function ended(buffer: TransitionBuffer, attempt: Attempt, end: JobEnd): void {
  attempt.detail = null
  if (end.type !== 'refused' && end.charge !== undefined) noteCharge(buffer, attempt, end.charge)
  switch (end.type) {
    case 'completed':
      return completed(buffer, attempt, end)
    case 'failed': {
      const code = end.unexplained === true ? 'unexplained' : 'job_failed'
      return failed(buffer, attempt, code, end.message, end.retryable)
    }
    case 'refused':
      return failed(buffer, attempt, 'refused', end.message, false)
  }
}

/** Differences below 10 % or one cent are attributed to rounding. */
function noteCharge(buffer: TransitionBuffer, attempt: Attempt, { micros, seconds }: VendorCharge): void {
  attempt.vendorCostMicros = micros
  const { upstream, reservedMicros, durationSeconds } = attempt
  if (micros !== null && Math.abs(micros - reservedMicros) > Math.max(10_000, reservedMicros / 10))
    warn(buffer, [
      {
        code: 'cost_differs',
        detail: `${upstream} says that this cost ${usd(micros)} USD; ${usd(reservedMicros)} USD were expected.`,
      },
    ])
  if (seconds !== null && Math.abs(seconds - durationSeconds) > Math.max(1, durationSeconds / 10))
    warn(buffer, [
      {
        code: 'cost_differs',
        detail: `${upstream} says that it bills ${seconds} s; ${durationSeconds} s were expected.`,
      },
    ])
}

function usd(micros: number): string {
  return (micros / 1e6).toFixed(4)
}

/** The upstream has rendered the video and charges for it, whatever happens to it here. */
function completed(
  buffer: TransitionBuffer,
  attempt: Attempt,
  report: Extract<JobReport, { type: 'completed' }>,
): void {
  const { next } = buffer
  attempt.result = report.result
  attempt.progress = 100
  attempt.statusWord = 'completed'
  settleCost(attempt, 'finished')
  warnOfModel(buffer, attempt, report.model)
  if (next.video !== null || next.status === 'cancelled') {
    log(buffer, 'attempt.settled', {
      attempt: attempt.id,
      upstream: attempt.upstream,
      cost_micros: attempt.costMicros,
    })
    return endAttempt(buffer, attempt, { state: 'succeeded' })
  }
  attempt.state = 'archiving'
  attempt.failure = null
  attempt.dueAt = buffer.at
  keepTo(buffer, attempt)
  log(buffer, 'attempt.archiving', { attempt: attempt.id, upstream: attempt.upstream })
}

function failed(
  buffer: TransitionBuffer,
  attempt: Attempt,
  code: Failure['code'],
  message: string,
  fallback: boolean,
): void {
  const failure: Failure = { code, message, fallback, retryAfterMs: null }
  settleCost(attempt, 'failed')
  endAttempt(buffer, attempt, { state: 'failed', failure })
  moveOn(buffer, failure)
}

/** A job that is gone after a cancel request may have finished and been charged first, so its cost stays reserved. */
function lost(buffer: TransitionBuffer, attempt: Attempt, message: string): void {
  if (!attempt.cancelAsked || attempt.chargedOn !== 'success')
    return failed(buffer, attempt, 'lost', message, true)
  const failure: Failure = { code: 'cancelled', message, fallback: false, retryAfterMs: null }
  endAttempt(buffer, attempt, { state: 'failed', failure })
}

function noteProgress(
  buffer: TransitionBuffer,
  attempt: Attempt,
  report: Extract<JobReport, { type: 'running' }>,
): void {
  // 100 is reserved for completed. Progress never decreases, even if the vendor's does.
  attempt.detail =
    report.detail ?? (report.apparent === undefined ? null : notUnderstood(report.status, report.apparent))
  const progress = Math.max(attempt.progress, Math.min(99, report.progress ?? 0))
  if (progress === attempt.progress && report.status === attempt.statusWord) return
  attempt.progress = progress
  attempt.statusWord = report.status
  attempt.lastChangeAt = buffer.at
  log(buffer, 'attempt.progress', {
    attempt: attempt.id,
    upstream: attempt.upstream,
    progress,
    status: report.status,
  })
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
