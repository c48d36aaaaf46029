import type { Failure } from '../../../domain/generation/failure.ts'
import { pauseDetail } from '../../../domain/routing/submission-pause.ts'
import type { Pauses } from '../../operations/pauses.ts'
import type { CreateOutcome } from '../../../domain/attempts/outcome.ts'
import type { EventOf } from '../../../domain/generation/event.ts'
import type { Attempt } from '../../../domain/generation/generation.ts'
import type { Clock } from '../../../ports/clock.ts'
import type { Logger } from '../../../ports/logger.ts'
import type { Upstream } from '../../../ports/upstream.ts'
import type { Bindings } from '../../characters/bind-characters.ts'
import type { PrepareCreate } from '../prepare-create.ts'
import type { Evidence } from '../../operations/evidence.ts'
import { LeaseLostError, SubmissionPausedError } from '../leased-work.ts'
import type { LeasedWork } from '../leased-work.ts'
import { storeOutcome } from '../../store-outcome.ts'
import { isKeyRevoked } from './check-key.ts'
import type { KeyCheckDeps } from './check-key.ts'
import type { LearnedPacing } from '../learned-pacing.ts'
import type { UpstreamGate } from '../upstream-gate.ts'

export interface SubmitDeps extends KeyCheckDeps {
  gate: UpstreamGate
  pauses: Pick<Pauses, 'of'>
  evidence: Evidence
  pacing: LearnedPacing
  clock: Clock
  bindings: Bindings
  prepareCreate: PrepareCreate
  logger: Logger
  /** Once it is aborted no create leaves any more. */
  stopping: AbortSignal
  /** `unknownHoldMs`: how long a create without an answer keeps other upstreams from being asked. May change at any time. */
  routing: { readonly unknownHoldMs: number }
}

const firstReconcileMs = 2000

/**
 * Stores `submitting` and only then sends the one create of this attempt. What comes back is a fact: it is stored even if
 * the lease went elsewhere meanwhile, and kept for a while if the store is out of order.
 */
export async function submitAttempt(
  deps: SubmitDeps,
  work: LeasedWork,
  attempt: Attempt,
  upstream: Upstream,
): Promise<void> {
  const { gate, clock, bindings, prepareCreate } = deps
  const attemptId = attempt.id
  if (await isKeyRevoked(deps, work)) return
  if (deps.pauses.of(upstream.spec.id) !== null) return leaveForPause(deps, work, attempt)
  const seen = deps.evidence.watch(work.generation, attemptId)
  const prepared = await prepareCreate(work.generation, attempt, upstream, seen)
  if (deps.stopping.aborted) return
  const at = clock.now()
  if (prepared.type === 'failed') {
    return work.record({ type: 'binding_failed', at, attemptId, failure: prepared.failure })
  }
  const until = prepared.type === 'wait' ? prepared.until : await gate.admitCreate(upstream.spec)
  if (prepared.type === 'wait' || until !== null) {
    return work.record({ type: 'binding_awaited', at, attemptId, until: until ?? at })
  }

  // Making characters takes minutes.
  if (await isKeyRevoked(deps, work)) return
  const { request, warnings } = prepared
  const account = upstream.account
  try {
    await work.record({ type: 'submitting', at, attemptId, to: account, prompt: request.prompt, warnings })
  } catch (error) {
    if (error instanceof SubmissionPausedError) return leaveForPause(deps, work, attempt)
    throw error
  }
  // A cancel may have come first: then nothing was stored as submitting, and nothing may leave. Nor where another worker did.
  const stored = work.generation.attempts.find(({ id }) => id === attemptId)
  if (stored?.state !== 'submitting' || stored.submittedAt !== at) return

  // Commits are shared and may take a while on a busy machine: what was paused, or taken over, meanwhile does not leave either.
  const heldBack = () => reasonToKeep(deps, work, upstream)
  const why = heldBack()
  const outcome: CreateOutcome =
    why === null
      ? await upstream.create(request, seen.note, heldBack)
      : { type: 'never_sent', message: why, retryAfterMs: null, heldBack: true }
  if (outcome.type === 'character_invalid') {
    for (const [index, { id }] of work.generation.request.characters.entries()) {
      const handle = request.characterHandles[index]
      if (handle !== undefined) await bindings.revoke(upstream, id, handle)
    }
  }
  const now = clock.now()
  const ended: EventOf<'create_ended'> = {
    type: 'create_ended',
    at: now,
    attemptId,
    outcome,
    nextAt:
      now +
      (outcome.type === 'accepted' ? deps.pacing.firstAfterMs(upstream.spec, attempt) : firstReconcileMs),
    holdUntil: now + deps.routing.unknownHoldMs,
  }
  seen.keep({ isUnreadable: outcome.type === 'unknown' })
  const terms = { fact: isFact(outcome, upstream), ifUnchanged: isKept(outcome) && !work.isHeld() }
  await storeOutcome(() => work.record(ended, terms), {
    logger: deps.logger,
    what: { attempt: attemptId },
    isFinal: (error) => error instanceof LeaseLostError,
  })
}

/** Why a create that is about to leave must not; null: nothing. */
export function reasonToKeep(
  { pauses }: Pick<SubmitDeps, 'pauses'>,
  work: Pick<LeasedWork, 'isHeld'>,
  { spec }: Pick<Upstream, 'spec'>,
): string | null {
  const pause = pauses.of(spec.id)
  if (pause !== null) return pauseDetail(pause)
  return work.isHeld() ? null : 'The process was stopped for so long that another one may have taken over.'
}

/**
 * What is true whoever has the lease. After a takeover, the new owner looks for the job, and sends the same create again where
 * that is safe: then only a job that exists is certain.
 */
function isFact(outcome: CreateOutcome, { deduplicates }: Upstream): boolean {
  return outcome.type === 'accepted' || (!deduplicates && !isKept(outcome))
}

function isKept(outcome: CreateOutcome): boolean {
  return outcome.type === 'never_sent' && outcome.heldBack === true
}

/** Nothing has left, so that another upstream may take it, or this one once it is resumed. */
function leaveForPause(
  { clock, pauses }: SubmitDeps,
  work: LeasedWork,
  { id: attemptId, upstream }: Attempt,
): Promise<void> {
  const pause = pauses.of(upstream)
  const message = pause === null ? 'Submissions were paused.' : pauseDetail(pause)
  const failure: Failure = { code: 'never_sent', message, fallback: true, retryAfterMs: null }
  return work.record({ type: 'binding_failed', at: clock.now(), attemptId, failure })
}

/** The worker that submitted this attempt is gone and stored no response, so the outcome is unknown. */
export function recoverAttempt(
  deps: Pick<SubmitDeps, 'clock' | 'routing'>,
  work: LeasedWork,
  attempt: Attempt,
): Promise<void> {
  const now = deps.clock.now()
  return work.record({
    type: 'create_ended',
    at: now,
    attemptId: attempt.id,
    outcome: {
      type: 'unknown',
      message:
        'The response was lost: the gateway stopped or failed between sending the request and storing the result.',
    },
    nextAt: now,
    holdUntil: now + deps.routing.unknownHoldMs,
  })
}
