import type { Attempt } from '../../domain/generation.ts'
import { isSnapshotOf } from '../../domain/model-name.ts'
import { nextReconcileAt } from '../../domain/pacing.ts'
import type { Clock } from '../../ports/clock.ts'
import type { GenerationStore } from '../../ports/generation-store.ts'
import type { ListedJob, Upstream } from '../../ports/upstream.ts'
import type { Run } from '../run.ts'

/** Clocks of vendors were seen off by seconds; a job listed as created a little before our request may still be ours. */
const clockSkewMs = 10_000

/** Looks among the upstream's recent jobs for the one that a create with a lost answer may have made. */
export async function reconcileAttempt(
  deps: { store: GenerationStore; clock: Clock },
  run: Run,
  attempt: Attempt,
  upstream: Upstream,
): Promise<void> {
  const { store, clock } = deps
  const since = (attempt.submittedAt ?? attempt.startedAt) - clockSkewMs
  const listed = await upstream.listRecent(since)
  const job =
    listed.type === 'listed' ? await findOwn(store, upstream.spec.id, attempt, since, listed.jobs) : null
  const now = clock.now()
  if (job !== null) {
    return run.record(
      {
        type: 'job_found',
        at: now,
        attemptId: attempt.id,
        job: { upstreamId: job.upstreamId, operation: job.operation, model: job.model },
        nextAt: now,
      },
      { fact: true },
    )
  }
  const holding = attempt.holdUntil !== null && attempt.holdUntil > now
  // Where jobs cannot be listed there is nothing to ask, only the hold to wait for.
  const nextAt =
    listed.type === 'unsupported'
      ? holding
        ? attempt.holdUntil
        : null
      : nextReconcileAt(run.generation, attempt, now)
  return run.record({ type: 'job_not_found_yet', at: now, attemptId: attempt.id, nextAt })
}

/** The oldest listed job with this prompt and model that no attempt of ours owns. */
async function findOwn(
  store: GenerationStore,
  upstream: string,
  attempt: Attempt,
  since: number,
  jobs: ListedJob[],
): Promise<ListedJob | null> {
  const matching = jobs
    .filter(({ prompt, createdAt }) => prompt === attempt.prompt && createdAt !== null && createdAt >= since)
    .filter(({ model }) => model === null || isSnapshotOf(attempt.model, model))
    .toSorted((a, b) => (a.createdAt ?? 0) - (b.createdAt ?? 0))
  for (const job of matching) {
    if (!(await store.ownsJob(upstream, job.upstreamId))) return job
  }
  return null
}
