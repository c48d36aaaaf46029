import { baselineOf } from '../../../domain/routing/baseline.ts'
import { nextCandidate } from '../../../domain/routing/next-candidate.ts'
import { narrowest } from '../../../domain/accounts/client.ts'
import type { Clock, Ids } from '../../../ports/clock.ts'
import type { KeyAuthority } from '../../../ports/accounts/key-authority.ts'
import type { CharacterStore } from '../../../ports/characters/character-store.ts'
import { routeRequestNow } from '../../requests/route-request.ts'
import type { LeasedWork } from '../leased-work.ts'
import type { UpstreamGate } from '../upstream-gate.ts'

/** Chooses the next candidate by what is true now and opens an attempt on it, or waits, or gives up. */
export async function startAttempt(
  deps: {
    gate: UpstreamGate
    clock: Clock
    ids: Ids
    characters: CharacterStore
    authority: KeyAuthority
  },
  work: LeasedWork,
): Promise<void> {
  const { gate, clock, ids, characters, authority } = deps
  const { request } = work.generation
  const key = await authority.status(work.generation)
  const now = clock.now()
  if (key.type === 'revoked') return work.record({ type: 'key_revoked', at: now })
  const routed = await routeRequestNow({ characters, gate }, request, now)
  const views = new Map(gate.views().map((view) => [view.spec.id, view]))
  const allowed = { ...work.generation, ...narrowest(work.generation, key.client) }
  const next = nextCandidate(allowed, routed, views, now)
  switch (next.type) {
    case 'wait':
      return work.record({ type: 'candidate_awaited', at: now, until: next.until, warnings: next.warnings })
    case 'exhausted':
      return work.record({ type: 'no_candidate', at: now, error: next.error })
    case 'start': {
      const { candidate, warnings } = next
      const spec = views.get(candidate.upstream)?.spec
      if (spec === undefined) throw new Error(`candidate ${candidate.upstream} is not an upstream`)
      const id = ids.attempt()
      gate.hold(spec.id, id)
      try {
        return await work.record({
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
            reservedMicros: candidate.estimatedCostMicros,
            chargedOn: spec.chargedOn,
            ...(spec.costRules !== undefined && { costRules: spec.costRules }),
            baseline: baselineOf(
              work.generation.plan,
              routed,
              [...views.values()],
              candidate.estimatedCostMicros,
            ),
            stallMs: spec.stallMs,
            attemptMs: spec.attemptMs,
          },
          warnings,
        })
      } finally {
        if (!work.generation.attempts.some((attempt) => attempt.id === id)) gate.drop(spec.id, id)
      }
    }
  }
}
