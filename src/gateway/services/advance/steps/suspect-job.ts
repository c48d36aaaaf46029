import { baselineOf } from '../../../domain/routing/baseline.ts'
import type { Attempt } from '../../../domain/generation/generation.ts'
import type { CharacterStore } from '../../../ports/characters/character-store.ts'
import type { Clock, Ids } from '../../../ports/clock.ts'
import type { UpstreamDirectory } from '../../../ports/upstream.ts'
import { routeRequestNow } from '../../requests/route-request.ts'
import type { RestoredJobs } from '../../restore/restored-jobs.ts'
import type { LeasedWork } from '../leased-work.ts'
import type { UpstreamGate } from '../upstream-gate.ts'

export interface SuspectDeps {
  gate: UpstreamGate
  clock: Clock
  ids: Ids
  characters: CharacterStore
  directory: UpstreamDirectory
  restoredJobs: RestoredJobs
}

/**
 * Whether an upstream lists a job that may have been made of this generation since the copy was taken. Then nothing is sent:
 * the attempt is unknown, and waits for a person. Asked once; what a person said of it stands.
 */
export async function suspectJob(
  deps: SuspectDeps,
  work: LeasedWork,
  attempt: Attempt | null,
): Promise<boolean> {
  const { plan, attempts, request } = work.generation
  if (attempts.some(({ awaitsPerson }) => awaitsPerson !== undefined)) return false
  const candidates = [...plan.candidates, ...plan.standby]
  const made = await deps.restoredJobs.madeOf(work.generation, candidates)
  const upstream = made === null ? undefined : deps.directory.get(made.candidate.upstream)
  if (made === null || upstream === undefined) return false
  const at = deps.clock.now()
  const { candidate, job } = made
  const { spec, account } = upstream
  const about = { at, to: account, prompt: job.prompt ?? request.prompt, jobId: job.upstreamId }
  if (attempt !== null) {
    await work.record({ type: 'restore_suspected', attemptId: attempt.id, ...about })
    return true
  }
  const routed = await routeRequestNow(deps, request, at)
  const views = deps.gate.views()
  const id = deps.ids.attempt()
  const { fidelity, model, durationSeconds, size, estimatedCostMicros: reservedMicros } = candidate
  await work.record({
    type: 'attempt_started',
    at,
    attempt: {
      id,
      upstream: spec.id,
      kind: spec.kind,
      fidelity,
      model,
      durationSeconds,
      size,
      reservedMicros,
      chargedOn: spec.chargedOn,
      ...(spec.costRules !== undefined && { costRules: spec.costRules }),
      baseline: baselineOf(plan, routed, views, reservedMicros),
      stallMs: spec.stallMs,
      attemptMs: spec.attemptMs,
    },
    warnings: [],
  })
  await work.record({ type: 'restore_suspected', attemptId: id, ...about })
  return true
}
