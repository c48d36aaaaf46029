import type { Attempt } from '../../domain/generation/generation.ts'
import type { Job } from '../../domain/attempts/outcome.ts'
import { Problem } from '../../domain/problem.ts'
import type { GenerationLedger } from '../../ports/generations/generation-ledger.ts'
import type { GenerationStore } from '../../ports/generations/generation-store.ts'
import type { Upstream, UpstreamDirectory } from '../../ports/upstream.ts'
import { askedAbout } from '../advance/asked-upstream.ts'
import type { Asked } from '../advance/asked-upstream.ts'
import type { StepEvidence } from '../operations/evidence.ts'
import { inState } from '../operations/placed-attempt.ts'

export interface NamedJob {
  job: Job
  /** Who was asked, where it is not who is configured now. */
  by: Asked['by']
}

/** The job that a person says an attempt made: nobody else's, and one that its upstream knows. Asks the upstream. */
export async function namedJob(
  { store, directory }: { store: GenerationStore & GenerationLedger; directory: UpstreamDirectory },
  attempt: Attempt,
  upstreamId: string,
  seen: StepEvidence,
): Promise<NamedJob> {
  const asked = askedAbout(directory, attempt)
  if (typeof asked === 'string')
    throw inState(
      attempt,
      `The configuration of ${attempt.upstream} has changed, so this job cannot be looked up. Restore its address and key first.`,
    )
  const { upstream, by } = asked
  await refuseOwned(store, attempt, upstreamId)
  const operation = upstream.jobNamed(upstreamId, requestOf(attempt))
  if (operation === null)
    throw inState(attempt, `The protocol of ${attempt.upstream} needs more than an id to look up a job.`)
  const report = await upstream.poll(operation, seen.note)
  seen.keep()
  if (report.type === 'not_found')
    throw new Problem('job_not_found', `${attempt.upstream} does not know this job: ${report.message}`, {
      faults: [{ pointer: '/upstream_id', detail: 'is not a job of this upstream' }],
    })
  if (report.type === 'unreachable' || report.type === 'unreadable')
    throw inState(
      attempt,
      `${attempt.upstream} could not look up this job. Try again later. ${report.message}`,
    )
  const model = report.type === 'completed' ? report.model : null
  return { job: { upstreamId, operation, model }, by }
}

/** Throws a Problem for a job that an attempt of ours has. */
export async function refuseOwned(
  store: GenerationStore & GenerationLedger,
  attempt: Attempt,
  upstreamId: string,
): Promise<void> {
  const [owner] = await store.ownersOf(attempt.upstream, [upstreamId])
  if (owner === undefined) return
  const stored = owner.generationId === null ? null : await store.get(owner.generationId)
  const state = stored?.generation.attempts.find(({ id }) => id === owner.attemptId)?.state ?? 'removed'
  throw new Problem(
    'conflict',
    `This job already belongs to the attempt ${owner.attemptId}, which is ${state}.`,
    {
      extra: { attempt: owner.attemptId, state },
    },
  )
}

function requestOf(attempt: Attempt): Parameters<Upstream['create']>[0] {
  return {
    idempotencyKey: attempt.id,
    model: attempt.model,
    prompt: attempt.prompt ?? '',
    durationSeconds: attempt.durationSeconds,
    size: attempt.size,
    reference: null,
    characterHandles: [],
    inlineCharacters: [],
  }
}
