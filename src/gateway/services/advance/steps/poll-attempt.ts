import type { Attempt } from '../../../domain/generation/generation.ts'
import type { JobReport } from '../../../domain/attempts/outcome.ts'
import { withoutFallback } from '../../../domain/attempts/unexplained.ts'
import { nextPollAt } from '../../../domain/scheduling/poll-pacing.ts'
import type { Clock } from '../../../ports/clock.ts'
import type { Asked } from '../asked-upstream.ts'
import type { Evidence } from '../../operations/evidence.ts'
import type { Run } from '../lease-run.ts'
import type { UpstreamGate } from '../upstream-gate.ts'

export interface PollDeps {
  clock: Clock
  gate: UpstreamGate
  evidence: Evidence
  /** `watchMs`: how long after its creation a generation's open attempts are still asked about. May change at any time. */
  routing: { readonly watchMs: number; readonly onUnexplained: 'fallback' | 'fail' }
}

/** Asks once about a job; within the upstream's poll budget, or later. */
export async function pollAttempt(deps: PollDeps, run: Run, attempt: Attempt, asked: Asked): Promise<void> {
  const { upstream } = asked
  const until = deps.gate.admitPoll(upstream.spec)
  if (until !== null) return recordWait(deps, run, attempt, until)
  const askedAt = deps.clock.now()
  const seen = deps.evidence.watch(run.generation.id, attempt.id)
  const report = await upstream.poll(attempt.operation, seen.note)
  seen.keep()
  return recordReport(deps, run, attempt, asked, report, askedAt)
}

/**
 * Asks an upstream to stop a job that nobody waits for any more. It is polled first: a finished job is settled, not taken
 * away. That it is asked is stored before, so that a lost answer is not taken for a job that never cost anything.
 */
export async function cancelAttempt(deps: PollDeps, run: Run, attempt: Attempt, asked: Asked): Promise<void> {
  const { clock, gate, evidence } = deps
  const { upstream } = asked
  const until = gate.admitPoll(upstream.spec)
  if (until !== null) return recordWait(deps, run, attempt, until)
  const askedAt = clock.now()
  const seen = evidence.watch(run.generation.id, attempt.id)
  const report = await upstream.poll(attempt.operation, seen.note)
  seen.keep()
  if (report.type !== 'running') return recordReport(deps, run, attempt, asked, report, askedAt)
  await run.record({ type: 'cancel_asked', at: clock.now(), attemptId: attempt.id })
  const outcome = await upstream.cancel(attempt.operation, seen.note)
  seen.keep()
  const now = clock.now()
  return run.record({
    type: 'cancel_answered',
    at: now,
    attemptId: attempt.id,
    outcome,
    nextAt: now + upstream.spec.poll.everyMs,
  })
}

function recordWait({ clock }: PollDeps, run: Run, attempt: Attempt, until: number): Promise<void> {
  return run.record({ type: 'poll_awaited', at: clock.now(), attemptId: attempt.id, until })
}

function recordReport(
  { clock, routing }: PollDeps,
  run: Run,
  attempt: Attempt,
  { upstream, by }: Asked,
  report: JobReport,
  askedAt: number,
): Promise<void> {
  const now = clock.now()
  const nextAt = nextPollAt(upstream.spec, run.generation, attempt, report, {
    now,
    watchMs: routing.watchMs,
  })
  const ruled = routing.onUnexplained === 'fail' ? withoutFallback(report) : report
  return run.record({
    type: 'job_reported',
    at: now,
    attemptId: attempt.id,
    report: ruled,
    by,
    askedAt,
    nextAt,
  })
}
