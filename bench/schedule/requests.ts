import type { AuditEntry } from '../../src/gateway/domain/accounts/audit.ts'
import { monthStart } from '../../src/gateway/domain/accounts/client.ts'
import type { Candidate } from '../../src/gateway/domain/generation/plan.ts'
import type { Generation } from '../../src/gateway/domain/generation/generation.ts'
import type { Clock, Ids } from '../../src/gateway/ports/clock.ts'
import type { GenerationStorage } from '../../src/gateway/ports/generations/generation-storage.ts'
import { aGeneration, aLogEntry } from '../../test/fixtures/generation.ts'
import { upstreamId } from './vendors.ts'

export const tenants = 50

/** A request is planned on one upstream; two others of its plan are not configured any more, so that its document has a usual size. */
function candidate(upstream: string): Candidate {
  return {
    upstream,
    kind: 'reverse',
    fidelity: null,
    model: 'sora-2',
    durationSeconds: 10,
    size: '1280x720',
    estimatedCostMicros: 120_000,
    reason: 'cheapest: 0.12 USD for 10 seconds at 1280x720',
  }
}

export function aRequest(number: number, of: { clock: Clock; ids: Ids; upstreams: number }): Generation {
  const now = of.clock.now()
  const upstream = upstreamId(number % of.upstreams)
  const usual = aGeneration()
  return aGeneration({
    id: of.ids.generation(),
    tenant: `tenant-${number % tenants}`,
    key: `key-${number % tenants}`,
    request: { ...usual.request, characters: [], metadata: { shot: `shot-${number % 5000}` } },
    plan: {
      ...usual.plan,
      candidates: [candidate(upstream), candidate('former-a'), candidate('former-b')],
      worstCaseCostMicros: 360_000,
    },
    createdAt: now,
    deadlineAt: now + 7_200_000,
    nextAttemptAt: now,
    dueAt: now,
  })
}

/** As `POST /generate` stores it. */
export async function submit(
  store: GenerationStorage,
  generation: Generation,
  { ids }: { ids: Ids },
): Promise<void> {
  const { id, tenant, key, createdAt } = generation
  const accepted: AuditEntry = {
    id: ids.audit(),
    at: createdAt,
    action: 'generation.created',
    tenant,
    key,
    keyId: null,
    address: '127.0.0.1',
    requestId: null,
    subject: id,
    data: {},
    once: null,
  }
  await store.insert(generation, {
    entries: [aLogEntry({ at: createdAt })],
    idempotency: null,
    limits: { monthStart: monthStart(createdAt), monthlyBudgetMicros: null, maxInFlight: null },
    audit: { accepted, nearBudget: null },
  })
}
