import type { Attempt } from '../../domain/generation.ts'
import { nextPollAt } from '../../domain/pacing.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Upstream } from '../../ports/upstream.ts'
import type { Run } from '../run.ts'
import type { UpstreamGate } from '../upstream-gate.ts'

/** Asks once about a job; within the upstream's poll budget, or later. */
export async function pollAttempt(
  deps: { clock: Clock; gate: UpstreamGate },
  run: Run,
  attempt: Attempt,
  upstream: Upstream,
): Promise<void> {
  const { clock, gate } = deps
  const until = gate.admitPoll(upstream.spec)
  if (until !== null) {
    return run.record({ type: 'poll_awaited', at: clock.now(), attemptId: attempt.id, until })
  }
  const report = await upstream.poll(attempt.operation)
  const now = clock.now()
  const nextAt = nextPollAt(upstream.spec, run.generation, attempt, report, now)
  return run.record({ type: 'job_reported', at: now, attemptId: attempt.id, report, nextAt })
}

/** Asks an upstream to stop a job that nobody waits for any more. */
export async function cancelAttempt(
  deps: { clock: Clock },
  run: Run,
  attempt: Attempt,
  upstream: Upstream,
): Promise<void> {
  const outcome = await upstream.cancel(attempt.operation)
  const now = deps.clock.now()
  return run.record({
    type: 'cancel_answered',
    at: now,
    attemptId: attempt.id,
    outcome,
    nextAt: now + upstream.spec.poll.everyMs,
  })
}
