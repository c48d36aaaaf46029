import type { Attempt } from '../../../domain/generation/generation.ts'
import type { JobReport } from '../../../domain/attempts/outcome.ts'
import { withoutFallback } from '../../../domain/attempts/unexplained.ts'
import { nextPollAt } from '../../../domain/scheduling/poll-pacing.ts'
import type { Clock } from '../../../ports/clock.ts'
import type { LearnedPacing } from '../learned-pacing.ts'
import type { Asked } from '../asked-upstream.ts'
import type { Evidence } from '../../operations/evidence.ts'
import type { LeasedWork } from '../leased-work.ts'
import type { UpstreamGate } from '../upstream-gate.ts'
import type { FailureRule } from '../../../domain/generation/request.ts'

export interface PollDeps {
  clock: Clock
  gate: UpstreamGate
  evidence: Evidence
  pacing: LearnedPacing
  /** `watchMs`: how long after its creation a generation's open attempts are still asked about. May change at any time. */
  routing: { readonly watchMs: number; readonly onUnexplained: FailureRule }
}

/** Asks once about a job; within the upstream's poll budget, or later. */
export async function pollAttempt(
  deps: PollDeps,
  work: LeasedWork,
  attempt: Attempt,
  asked: Asked,
): Promise<void> {
  const { upstream } = asked
  const until = await deps.gate.admitPoll(upstream.spec)
  if (until !== null) return recordWait(deps, work, attempt, until)
  const askedAt = deps.clock.now()
  const seen = deps.evidence.watch(work.generation, attempt.id)
  const report = await upstream.poll(attempt.operation, seen.note)
  seen.keep()
  return recordReport(deps, work, { attempt, asked, report, askedAt })
}

/**
 * Cancels a job that no one waits for. It is polled first, because a finished job is settled instead of removed. The cancel
 * request is stored before it is sent, so that after a lost response the job does not count as free of charge.
 */
export async function cancelAttempt(
  deps: PollDeps,
  work: LeasedWork,
  attempt: Attempt,
  asked: Asked,
): Promise<void> {
  const { clock, gate, evidence } = deps
  const { upstream } = asked
  const until = await gate.admitPoll(upstream.spec)
  if (until !== null) return recordWait(deps, work, attempt, until)
  const askedAt = clock.now()
  const seen = evidence.watch(work.generation, attempt.id)
  const report = await upstream.poll(attempt.operation, seen.note)
  seen.keep()
  if (report.type !== 'running') return recordReport(deps, work, { attempt, asked, report, askedAt })
  await work.record({ type: 'cancel_asked', at: clock.now(), attemptId: attempt.id })
  const outcome = await upstream.cancel(attempt.operation, seen.note)
  seen.keep()
  const now = clock.now()
  return work.record({
    type: 'cancel_answered',
    at: now,
    attemptId: attempt.id,
    outcome,
    nextAt: now + upstream.spec.poll.everyMs,
  })
}

function recordWait({ clock }: PollDeps, work: LeasedWork, attempt: Attempt, until: number): Promise<void> {
  return work.record({ type: 'poll_awaited', at: clock.now(), attemptId: attempt.id, until })
}

interface Reported {
  attempt: Attempt
  asked: Asked
  report: JobReport
  askedAt: number
}

function recordReport(
  { clock, routing, pacing }: PollDeps,
  work: LeasedWork,
  { attempt, asked, report, askedAt }: Reported,
): Promise<void> {
  const { upstream, by } = asked
  const now = clock.now()
  if (report.type === 'completed') pacing.finished(upstream.spec, attempt, now)
  const nextAt = nextPollAt(report, {
    spec: upstream.spec,
    intervalMs: pacing.everyMs(upstream.spec, attempt, now),
    generation: work.generation,
    attempt,
    now,
    watchMs: routing.watchMs,
  })
  const ruled = routing.onUnexplained === 'fail' ? withoutFallback(report) : report
  return work.record({
    type: 'job_reported',
    at: now,
    attemptId: attempt.id,
    report: ruled,
    by,
    askedAt,
    nextAt,
  })
}
