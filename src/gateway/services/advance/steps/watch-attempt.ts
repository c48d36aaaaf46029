import type { Attempt } from '../../../domain/generation/generation.ts'
import { isSnapshotOf } from '../../../domain/routing/model-name.ts'
import type { Job } from '../../../domain/attempts/outcome.ts'
import { nextReconcileAt } from '../../../domain/scheduling/poll-pacing.ts'
import type { GenerationLedger } from '../../../ports/generations/generation-ledger.ts'
import type { ListedJob, NoteExchange, Upstream } from '../../../ports/upstream.ts'
import type { Asked } from '../asked-upstream.ts'
import type { LeasedWork } from '../leased-work.ts'
import type { ReconcileDeps } from './reconcile-attempt.ts'
import { tellsOfJob } from '../../../domain/attempts/outcome.ts'

/** As in reconcile-attempt.ts. */
const clockSkewMs = 10_000

/** Looks whether a job turned up after all that a person said was not taken. */
export async function watchAttempt(
  { clock, routing, evidence, store }: Pick<ReconcileDeps, 'clock' | 'routing' | 'evidence' | 'store'>,
  work: LeasedWork,
  attempt: Attempt,
  { upstream, by }: Asked,
): Promise<void> {
  const seen = evidence.watch(work.generation, attempt.id)
  const found = await lookAgain(store, attempt, upstream, seen.note)
  seen.keep()
  const at = clock.now()
  const { job, canTell } = found
  if (job !== null) {
    return work.record({ type: 'watched', at, attemptId: attempt.id, job, by, nextAt: at }, { fact: true })
  }
  const nextAt = canTell
    ? nextReconcileAt(work.generation, attempt, { now: at, watchMs: routing.watchMs })
    : null
  return work.record({ type: 'watched', at, attemptId: attempt.id, job, nextAt })
}

async function lookAgain(
  store: GenerationLedger,
  attempt: Attempt,
  upstream: Upstream,
  note: NoteExchange,
): Promise<{ job: Job | null; canTell: boolean }> {
  const own = upstream.jobOf?.(attempt.id)
  if (own !== undefined) {
    const report = await upstream.poll(own.operation, note)
    return { job: tellsOfJob(report) ? own : null, canTell: true }
  }
  const since = (attempt.submittedAt ?? attempt.startedAt) - clockSkewMs
  const outcome = await upstream.listRecent(since, note)
  if (outcome.type !== 'listed') return { job: null, canTell: outcome.type === 'unreachable' }
  for (const job of outcome.jobs.filter((each) => isIts(each, attempt, since))) {
    if (!(await store.ownsJob(upstream.spec.id, job.upstreamId))) return { job, canTell: true }
  }
  return { job: null, canTell: true }
}

/** A job that was made after the resolution may be of the attempt that followed. */
function isIts({ model, prompt, createdAt }: ListedJob, attempt: Attempt, since: number): boolean {
  const until = attempt.resolution?.at ?? 0
  return (
    createdAt !== null &&
    createdAt >= since &&
    createdAt < until &&
    prompt?.trim() === attempt.prompt?.trim() &&
    (model === null || isSnapshotOf(attempt.model, model))
  )
}
