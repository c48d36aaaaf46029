import { baselineOf } from '../../../domain/routing/baseline.ts'
import { nextCandidate } from '../../../domain/routing/next-candidate.ts'
import { narrowest } from '../../../domain/accounts/client.ts'
import type { Clock, Ids } from '../../../ports/clock.ts'
import type { KeyAuthority } from '../../../ports/accounts/key-authority.ts'
import type { CharacterStore } from '../../../ports/characters/character-store.ts'
import { routeRequestNow } from '../../requests/route-request.ts'
import { NoSlotError, SpendCapError } from '../leased-work.ts'
import type { LeasedWork } from '../leased-work.ts'
import type { EventOf } from '../../../domain/generation/event.ts'
import type { Generation } from '../../../domain/generation/generation.ts'
import type { Candidate } from '../../../domain/generation/plan.ts'
import type { Warning } from '../../../domain/generation/failure.ts'
import type { RouteRequest } from '../../../domain/routing/route-request.ts'
import type { UpstreamView } from '../../../domain/routing/upstream.ts'
import type { UpstreamGate } from '../upstream-gate.ts'

interface StartDeps {
  gate: UpstreamGate
  clock: Clock
  ids: Ids
  characters: CharacterStore
  authority: KeyAuthority
}

/** Others may take the rest of a spend cap, or the last slot, at the same moment. */
const rounds = 3
const takenRetryMs = 1000

/** Chooses the next candidate by what is true now and opens an attempt on it, or waits, or gives up. */
export async function startAttempt(deps: StartDeps, work: LeasedWork): Promise<void> {
  const { gate, clock, characters, authority } = deps
  const { request } = work.generation
  const key = await authority.status(work.generation)
  const now = clock.now()
  if (key.type === 'revoked') return work.record({ type: 'key_revoked', at: now })
  const routed = await routeRequestNow({ characters, gate }, request, now)
  for (let round = 0; round < rounds; round++) {
    await Promise.all([gate.countSpend('capped'), gate.countSlots()])
    const views = new Map(gate.views().map((view) => [view.spec.id, view]))
    const allowed = { ...work.generation, ...narrowest(work.generation, key.client) }
    const next = nextCandidate(allowed, routed, views, now)
    if (next.type === 'wait')
      return work.record({ type: 'candidate_awaited', at: now, until: next.until, warnings: next.warnings })
    if (next.type === 'exhausted') return work.record({ type: 'no_candidate', at: now, error: next.error })
    try {
      return await openAttempt(deps, work, { ...next, routed, views, now })
    } catch (error) {
      if (error instanceof NoSlotError) gate.slotRefused(next.candidate.upstream)
      else if (error instanceof SpendCapError) gate.spendChanged()
      else throw error
    }
  }
  return work.record({ type: 'candidate_awaited', at: now, until: now + takenRetryMs, warnings: [] })
}

async function openAttempt(
  { gate, ids }: StartDeps,
  work: LeasedWork,
  chosen: {
    candidate: Candidate
    warnings: Warning[]
    routed: RouteRequest
    views: ReadonlyMap<string, UpstreamView>
    now: number
  },
): Promise<void> {
  const { candidate, warnings, routed, views, now } = chosen
  const spec = views.get(candidate.upstream)?.spec
  if (spec === undefined) throw new Error(`candidate ${candidate.upstream} is not an upstream`)
  const { estimatedCostMicros: reservedMicros } = candidate
  const id = ids.attempt()
  gate.hold(spec.id, id)
  const ended = (stored: Generation | null): void => {
    if (stored?.attempts.some((attempt) => attempt.id === id) !== true) gate.drop(spec.id, id)
  }
  const started: EventOf<'attempt_started'> = {
    type: 'attempt_started',
    at: now,
    attempt: {
      id,
      upstream: spec.id,
      kind: spec.kind,
      fidelity: candidate.fidelity,
      model: candidate.model,
      durationSeconds: candidate.durationSeconds,
      size: candidate.size,
      reservedMicros,
      chargedOn: spec.chargedOn,
      ...(spec.costRules !== undefined && { costRules: spec.costRules }),
      baseline: baselineOf(work.generation.plan, routed, [...views.values()], reservedMicros),
      stallMs: spec.stallMs,
      attemptMs: spec.attemptMs,
    },
    warnings,
  }
  const slot = gate.slotLimit(spec.id)
  // Where the store has nothing to check and nobody is asked for characters first, the create follows at once.
  const isSimple =
    slot === undefined &&
    spec.spendMicrosPerDay === undefined &&
    work.generation.request.characters.length === 0
  if (isSimple) return work.recordLater(started, ended)
  try {
    await work.record(started, { slot })
  } finally {
    ended(work.generation)
  }
}
