import type { Failure } from '../../domain/generation/failure.ts'
import type { Attempt } from '../../domain/generation/generation.ts'
import { hasUnsent } from '../../domain/restore/restore-hold.ts'
import { poolOf } from '../../domain/scheduling/step-pool.ts'
import type { StepPool } from '../../domain/scheduling/step-pool.ts'
import { nextStep } from '../../domain/scheduling/next-step.ts'
import type { Step } from '../../domain/scheduling/next-step.ts'
import type { CharacterStore } from '../../ports/characters/character-store.ts'
import type { Clock, Ids } from '../../ports/clock.ts'
import type { EventBus } from '../../ports/event-bus.ts'
import type { GenerationLedger } from '../../ports/generations/generation-ledger.ts'
import type { GenerationQueue } from '../../ports/generations/generation-queue.ts'
import type { GenerationStore, Stored } from '../../ports/generations/generation-store.ts'
import type { UpstreamDirectory } from '../../ports/upstream.ts'
import { askedAbout } from './asked-upstream.ts'
import type { Asked } from './asked-upstream.ts'
import { restoreHeldMs } from '../restore/hold.ts'
import type { Hold } from '../restore/hold.ts'
import { noteThrow } from './note-failed-step.ts'
import { createLeasedWork } from './leased-work.ts'
import type { Lease, LeasedWork } from './leased-work.ts'
import { archiveAttempt } from './steps/archive-attempt.ts'
import type { ArchiveDeps } from './steps/archive-attempt.ts'
import { cancelAttempt, pollAttempt } from './steps/poll-attempt.ts'
import type { PollDeps } from './steps/poll-attempt.ts'
import { reconcileAttempt } from './steps/reconcile-attempt.ts'
import { startAttempt } from './steps/start-attempt.ts'
import { recoverAttempt, submitAttempt } from './steps/submit-attempt.ts'
import { suspectJob } from './steps/suspect-job.ts'
import type { SuspectDeps } from './steps/suspect-job.ts'
import { watchAttempt } from './steps/watch-attempt.ts'
import type { SubmitDeps } from './steps/submit-attempt.ts'

export type AdvanceDeps = SubmitDeps &
  PollDeps &
  ArchiveDeps &
  SuspectDeps & {
    store: GenerationStore & GenerationLedger & Pick<GenerationQueue, 'release'>
    bus: EventBus
    clock: Clock
    ids: Ids
    characters: CharacterStore
    directory: UpstreamDirectory
    hold: Hold
  }

/** The maximum number of steps under one lease; a guard against endless loops. The next claim continues. */
const stepsPerLease = 50
/** An attempt on an upstream that is no longer configured waits for it to come back, as long as it is watched. */
const absentUpstreamMs = 60_000
export type AdvanceGeneration = (
  stored: Stored,
  lease: Lease,
  enter: (pool: StepPool) => Promise<boolean>,
) => Promise<void>

/** Does what is due for one claimed generation, step by step, each stored before the next; then lets go of the lease. */
export function createAdvanceGeneration(deps: AdvanceDeps): AdvanceGeneration {
  const { store } = deps
  return async (stored, lease, enter) => {
    const { owner } = lease
    const work = createLeasedWork(deps, lease, stored)
    let next: Next = 'taken'
    try {
      for (let count = 0; count < stepsPerLease && next === 'taken'; count++) {
        next = await takeNext(deps, work, enter)
        if (work.released) return
      }
    } finally {
      // What was to be stored with a create that did not come to leave: nothing of it happened.
      work.discard()
    }
    await store.release(work.generation.id, owner, typeof next === 'string' ? undefined : next.waitsIn)
  }
}

/** `over`: nothing is due, or nothing may begin any more. `waitsIn`: what is due waits for a slot of that pool. */
type Next = 'taken' | 'over' | { waitsIn: StepPool }

async function takeNext(
  deps: AdvanceDeps,
  work: LeasedWork,
  enter: Parameters<AdvanceGeneration>[2],
): Promise<Next> {
  const { clock } = deps
  if (isReleased(deps, work)) await work.record({ type: 'restore_released', at: clock.now() })
  const step = nextStep(work.generation, clock.now())
  if (deps.stopping.aborted) return 'over'
  if (step === null) return (await work.settle()) ? 'over' : 'taken'
  const pool = poolOf(work.generation, step)
  if (!(await enter(pool))) return (await work.settle()) ? { waitsIn: pool } : 'taken'
  try {
    await takeStep(deps, work, step)
  } catch (error) {
    await noteThrow(deps, work, step, error)
  }
  return 'taken'
}

function isReleased({ hold }: AdvanceDeps, { generation }: LeasedWork): boolean {
  const awaitsPerson = generation.attempts.some((attempt) => attempt.awaitsPerson === true)
  return hold.since() === null && (generation.heldSince ?? null) !== null && !awaitsPerson
}

async function takeStep(deps: AdvanceDeps, work: LeasedWork, step: Step): Promise<void> {
  if (step.type === 'start' && (await suspectJob(deps, work, null))) return
  if (step.type === 'submit' && (await suspectJob(deps, work, step.attempt))) return
  const since = deps.hold.since()
  if (since !== null && isHeldBack(step, work)) {
    const at = deps.clock.now()
    return work.record({ type: 'restore_held', at, attemptId: null, since, until: at + restoreHeldMs })
  }
  switch (step.type) {
    case 'expire':
      return work.record({ type: 'deadline_reached', at: deps.clock.now() })
    case 'close':
      return work.record({ type: 'starts_closed', at: deps.clock.now() })
    case 'start':
      return startAttempt(deps, work)
    case 'recover':
      return recoverAttempt(deps, work, step.attempt)
    case 'submit': {
      const upstream = deps.directory.get(step.attempt.upstream)
      return upstream === undefined
        ? leaveUnsent(deps, work, step.attempt)
        : submitAttempt(deps, work, step.attempt, upstream)
    }
    case 'reconcile':
    case 'watch':
    case 'poll':
    case 'cancel':
    case 'archive': {
      const asked = askedAbout(deps.directory, step.attempt)
      return typeof asked === 'string'
        ? awaitUpstream(deps, work, step.attempt, asked)
        : askUpstream(deps, work, { ...step, asked })
    }
  }
}

/** Steps that send something, and the end of work that was only held back. */
function isHeldBack({ type }: Step, { generation }: LeasedWork): boolean {
  return (
    type === 'start' ||
    type === 'submit' ||
    ((type === 'expire' || type === 'close') && hasUnsent(generation))
  )
}

type AskingStep = Extract<Step, { type: 'reconcile' | 'watch' | 'poll' | 'cancel' | 'archive' }>

function askUpstream(
  deps: AdvanceDeps,
  work: LeasedWork,
  { type, attempt, asked }: AskingStep & { asked: Asked },
): Promise<void> {
  switch (type) {
    case 'reconcile':
      return reconcileAttempt(deps, work, attempt, asked)
    case 'watch':
      return watchAttempt(deps, work, attempt, asked)
    case 'poll':
      return pollAttempt(deps, work, attempt, asked)
    case 'cancel':
      return cancelAttempt(deps, work, attempt, asked)
    case 'archive':
      return archiveAttempt(deps, work, attempt, asked)
  }
}

/** Nothing was ever sent for a mere binding, so the next candidate may. */
function leaveUnsent({ clock }: AdvanceDeps, work: LeasedWork, { id, upstream }: Attempt): Promise<void> {
  const message = `${upstream} is no longer configured.`
  const failure: Failure = { code: 'upstream_down', message, fallback: true, retryAfterMs: null }
  return work.record({ type: 'binding_failed', at: clock.now(), attemptId: id, failure })
}

/** The configuration changed while the job runs: this is not a verdict about the job. */
function awaitUpstream(
  { clock, routing }: AdvanceDeps,
  work: LeasedWork,
  { id: attemptId, upstream }: Attempt,
  where: 'absent' | 'elsewhere',
): Promise<void> {
  const at = clock.now()
  const watched = at - work.generation.createdAt < routing.watchMs
  const nextAt = watched ? at + absentUpstreamMs : null
  const why =
    where === 'absent'
      ? { code: 'upstream_absent' as const, message: `${upstream} is no longer configured.` }
      : { code: 'origin_changed' as const, message: movedMessage(upstream) }
  return work.record({ type: 'step_failed', at, attemptId, ...why, nextAt })
}

function movedMessage(upstream: string): string {
  return `The address of ${upstream} has changed since it accepted this job. Configure an upstream with the earlier address and key to continue.`
}
