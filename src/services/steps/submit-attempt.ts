import { setTimeout as pause } from 'node:timers/promises'
import type { EventOf } from '../../domain/event.ts'
import type { Attempt } from '../../domain/generation.ts'
import type { CharacterStore } from '../../ports/character-store.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Logger } from '../../ports/logger.ts'
import type { Upstream } from '../../ports/upstream.ts'
import type { PrepareCreate } from '../prepare-create.ts'
import { LeaseLostError } from '../run.ts'
import type { Run } from '../run.ts'
import type { UpstreamGate } from '../upstream-gate.ts'

export interface SubmitDeps {
  gate: UpstreamGate
  clock: Clock
  characters: CharacterStore
  prepareCreate: PrepareCreate
  logger: Logger
  unknownHoldMs: number
}

const firstReconcileMs = 2000
/** How long a create's answer is kept in memory while the store cannot take it (a full disk): about half a minute. */
const storePauseMs = 500
const storeTries = 60

/**
 * Stores `submitting` and only then sends the one create of this attempt. What comes back is a fact: it is stored even if
 * the lease went elsewhere meanwhile, and kept for a while if the store is out of order.
 */
export async function submitAttempt(
  deps: SubmitDeps,
  run: Run,
  attempt: Attempt,
  upstream: Upstream,
  owner: string,
): Promise<void> {
  const { gate, clock, characters, prepareCreate } = deps
  const attemptId = attempt.id
  const prepared = await prepareCreate(run.generation.request, attempt, upstream, owner)
  const at = clock.now()
  if (prepared.type === 'failed') {
    return run.record({ type: 'binding_failed', at, attemptId, failure: prepared.failure })
  }
  const until = prepared.type === 'wait' ? prepared.until : gate.admitCreate(upstream.spec)
  if (prepared.type === 'wait' || until !== null) {
    return run.record({ type: 'binding_awaited', at, attemptId, until: until ?? at })
  }

  const { request } = prepared
  await run.record({ type: 'submitting', at, attemptId, prompt: request.prompt, warnings: [] })
  // A cancel may have come first: then nothing was stored as submitting, and nothing may leave.
  if (run.generation.attempts.find(({ id }) => id === attemptId)?.state !== 'submitting') return

  const outcome = await upstream.create(request)
  if (outcome.type === 'character_invalid') {
    for (const [index, { id }] of run.generation.request.characters.entries()) {
      const handle = request.characterHandles[index]
      if (handle !== undefined) await characters.revokeBinding(id, upstream.spec.id, handle, clock.now())
    }
  }
  const now = clock.now()
  await recordFact(deps, run, {
    type: 'create_ended',
    at: now,
    attemptId,
    outcome,
    nextAt: now + (outcome.type === 'accepted' ? upstream.spec.poll.firstAfterMs : firstReconcileMs),
    holdUntil: now + deps.unknownHoldMs,
  })
}

/** The process that submitted this attempt is gone and with it the answer, so the outcome is unknown. */
export function recoverAttempt(
  deps: Pick<SubmitDeps, 'clock' | 'unknownHoldMs'>,
  run: Run,
  attempt: Attempt,
): Promise<void> {
  const now = deps.clock.now()
  return run.record({
    type: 'create_ended',
    at: now,
    attemptId: attempt.id,
    outcome: {
      type: 'unknown',
      message: 'The gateway stopped between sending the request and storing the answer.',
    },
    nextAt: now,
    holdUntil: now + deps.unknownHoldMs,
  })
}

async function recordFact(deps: SubmitDeps, run: Run, event: EventOf<'create_ended'>): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await run.record(event, { fact: true })
    } catch (error) {
      if (error instanceof LeaseLostError || tries >= storeTries) throw error
      deps.logger.error(
        { err: error, attempt: event.attemptId, tries },
        'the answer of a create could not be stored yet',
      )
      await pause(storePauseMs)
    }
  }
}
