import type { Attempt } from '../../../domain/generation/generation.ts'
import { isSnapshotOf } from '../../../domain/routing/model-name.ts'
import type { Job } from '../../../domain/attempts/outcome.ts'
import { nextReconcileAt } from '../../../domain/scheduling/poll-pacing.ts'
import { soleCandidate } from '../../../domain/attempts/unowned-job.ts'
import type { Clock } from '../../../ports/clock.ts'
import type { GenerationLedger } from '../../../ports/generations/generation-ledger.ts'
import type { ListedJob, NoteExchange, Upstream } from '../../../ports/upstream.ts'
import type { Asked } from '../asked-upstream.ts'
import { restoreHeldMs } from '../../restore/hold.ts'
import type { Evidence } from '../../operations/evidence.ts'
import type { LeasedWork } from '../leased-work.ts'
import { replayCreate } from './replay-create.ts'
import type { ReplayDeps } from './replay-create.ts'

export type ReconcileDeps = ReplayDeps & {
  store: GenerationLedger
  clock: Clock
  evidence: Evidence
  routing: { readonly watchMs: number }
}

/** Clocks of vendors were seen off by seconds; a job listed as created a little before our request may still be ours. */
const clockSkewMs = 10_000

/**
 * Looks for the job that a create with a lost answer may have made: among the upstream's recent jobs, else by the
 * idempotency key of the create where the vendor honours one.
 */
export async function reconcileAttempt(
  deps: ReconcileDeps,
  work: LeasedWork,
  attempt: Attempt,
  { upstream, by }: Asked,
): Promise<void> {
  const { clock, routing } = deps
  const askedAt = clock.now()
  const seen = deps.evidence.watch(work.generation, attempt.id)
  const own = upstream.jobOf?.(attempt.id)
  const found =
    own === undefined
      ? await lookFor(deps.store, attempt, upstream, seen.note)
      : await askFor(upstream, own, seen.note)
  // Another account makes another job of the same key.
  const replays = found.job === null && upstream.deduplicates && by === undefined && isAwaited(work, attempt)
  const since = deps.hold.since()
  if (replays && since !== null) {
    seen.keep()
    const at = clock.now()
    return work.record({ type: 'restore_held', at, attemptId: attempt.id, since, until: at + restoreHeldMs })
  }
  const job = replays ? await replayCreate(deps, work, { attempt, upstream, seen }) : found.job
  seen.keep()
  const now = clock.now()
  const attemptId = attempt.id
  if (job !== null)
    return work.record({ type: 'job_found', at: now, attemptId, job, by, nextAt: now }, { fact: true })
  const holding = attempt.holdUntil !== null && attempt.holdUntil > now
  // Where there is nothing to ask, there is only the hold to wait for.
  const nextAt =
    found.listed || (replays && holding)
      ? nextReconcileAt(work.generation, attempt, { now, watchMs: routing.watchMs })
      : holding
        ? attempt.holdUntil
        : null
  return work.record({
    type: 'job_not_found_yet',
    at: now,
    attemptId,
    absent: found.absent && !replays && by === undefined,
    by,
    ...(found.candidateId !== undefined && { candidateId: found.candidateId }),
    askedAt,
    nextAt,
  })
}

/** Whether a job would still be of use: a create that is sent again may make it only now. */
function isAwaited({ generation }: LeasedWork, attempt: Attempt): boolean {
  const { completedAt, nextAttemptAt } = generation
  const alone = generation.attempts.every(
    ({ id, state }) => id === attempt.id || state === 'failed' || state === 'succeeded',
  )
  return completedAt === null && nextAttemptAt === null && alone
}

/** Asks about the one job that the create can have made, where it named it itself. */
async function askFor(upstream: Upstream, job: Job, note: NoteExchange): Promise<Found> {
  const { type } = await upstream.poll(job.operation, note)
  const isSilent = type === 'unreachable' || type === 'unreadable'
  const absent = type === 'not_found'
  return { listed: true, job: isSilent || absent ? null : job, absent }
}

interface Found {
  listed: boolean
  job: Job | null
  /** The list is complete, and holds no job that could be this one, known by another prompt or by none. */
  absent: boolean
  /** Absent where no list was read: it says nothing of a candidate that a webhook has named. */
  candidateId?: string | null
}

async function lookFor(
  store: GenerationLedger,
  attempt: Attempt,
  upstream: Upstream,
  note: NoteExchange,
): Promise<Found> {
  const since = (attempt.submittedAt ?? attempt.startedAt) - clockSkewMs
  const outcome = await upstream.listRecent(since, note)
  if (outcome.type !== 'listed') return { listed: outcome.type === 'unreachable', job: null, absent: false }
  // Before the owners are looked up: a create that is answered in between has an owner by then.
  const unanswered = await store.unansweredCreates(attempt.upstream, 2)
  const strangers: ListedJob[] = []
  for (const job of outcome.jobs.filter((each) => mayBeOurs(each, attempt, since))) {
    if (!(await store.ownsJob(attempt.upstream, job.upstreamId))) strangers.push(job)
  }
  const job = strangers
    .filter(({ prompt, createdAt }) => createdAt !== null && prompt?.trim() === attempt.prompt?.trim())
    .toSorted((a, b) => (a.createdAt ?? 0) - (b.createdAt ?? 0))
    .at(0)
  if (job !== undefined) return { listed: true, job, absent: false, candidateId: null }
  // A video of another program, or of another pending create, must never reach a tenant.
  const sole = soleCandidate(strangers, attempt, clockSkewMs)
  const isOurs = sole !== null && upstream.spec.exclusive === true && unanswered === 1
  return {
    listed: true,
    job: isOurs ? sole : null,
    absent: outcome.complete && strangers.length === 0,
    candidateId: sole?.upstreamId ?? null,
  }
}

function mayBeOurs({ model, createdAt }: ListedJob, attempt: Attempt, since: number): boolean {
  return (createdAt === null || createdAt >= since) && (model === null || isSnapshotOf(attempt.model, model))
}
