import { monthStart } from '../../domain/accounts/client.ts'
import type { Client } from '../../domain/accounts/client.ts'
import type { Generation } from '../../domain/generation/generation.ts'
import type { RoutePlan } from '../../domain/generation/plan.ts'
import { Problem } from '../../domain/problem.ts'
import { heldWarning } from '../../domain/restore/restore-hold.ts'
import type { GenerationRequest } from '../../domain/generation/request.ts'
import type { AuditLog } from '../../ports/accounts/audit-log.ts'
import type { CharacterStore } from '../../ports/characters/character-store.ts'
import type { Clock, Ids } from '../../ports/clock.ts'
import type { GenerationLedger } from '../../ports/generations/generation-ledger.ts'
import type { GenerationStore, InsertOutcome } from '../../ports/generations/generation-store.ts'
import type { FindPlace } from '../../ports/generations/work-place.ts'
import type { IdempotencyStore } from '../../ports/generations/idempotency-store.ts'
import type { Logger } from '../../ports/logger.ts'
import type { MediaArchive } from '../../ports/media/media-archive.ts'
import { auditEntry } from '../accounts/audit-entry.ts'
import { budgetExceeded, exceededBudget } from '../usage/budget-exceeded.ts'
import { createBudgetWatch } from '../usage/budget-watch.ts'
import type { BudgetWatch } from '../usage/budget-watch.ts'
import type { CheckWebhook } from '../webhooks/check-webhook.ts'
import { createClientRetries } from './client-retries.ts'
import type { EstimatedStarts } from './estimated-starts.ts'
import type { GenerationService, IdempotencyInput, Submission, Submitted } from './generations.ts'
import type { Hold } from '../restore/hold.ts'
import type { MediaIntake } from '../media/media-intake.ts'
import { deleted, inProgress, rememberedMs, reused } from '../once-only.ts'
import { mayBeWritten } from '../may-be-written.ts'
import { keepMedia, knownBefore } from '../requests/keep-media.ts'
import type { KnownBefore } from '../requests/keep-media.ts'
import { planRoute } from '../requests/plan-route.ts'
import { resolveRequest } from '../requests/resolve-request.ts'
import type { RequestDefaults } from '../requests/resolve-request.ts'
import type { UpstreamGate } from '../advance/upstream-gate.ts'

export interface SubmitGenerationDeps {
  store: GenerationStore & GenerationLedger & IdempotencyStore
  characters: CharacterStore
  gate: UpstreamGate
  intake: MediaIntake
  archive: MediaArchive
  audit: AuditLog
  clock: Clock
  ids: Ids
  logger: Logger
  defaults: RequestDefaults
  checkWebhook: CheckWebhook
  hold: Pick<Hold, 'since'>
  starts: EstimatedStarts
  placeFor: FindPlace
}

type Deps = SubmitGenerationDeps & { budget: BudgetWatch }

/** Accepts requests: resolves what they mention, plans their route, and stores them before anything is answered. */
export function createSubmitGeneration(outer: SubmitGenerationDeps): GenerationService['submit'] {
  const deps: Deps = { ...outer, budget: createBudgetWatch(outer) }
  const { store, clock } = deps
  const running = new Set<string>()
  const retries = createClientRetries(deps)

  async function once(
    client: Client,
    submission: Submission,
    idempotency: IdempotencyInput,
  ): Promise<Submitted> {
    const known = await store.findIdempotency(client.tenant, idempotency.key, clock.now() - rememberedMs)
    return known === null ? accept(deps, client, submission) : replay(known, idempotency)
  }

  async function perCall(client: Client, submission: Submission): Promise<Submitted> {
    const { call, render } = submission
    if (call === undefined) return accept(deps, client, submission)
    const repeated = call.retry === 0 ? null : await retries.answerOf(client, call)
    if (repeated !== null)
      return { type: 'replayed', response: render(repeated, deps.starts.known(repeated)) }
    return retries.first(client, call, () => accept(deps, client, submission))
  }

  return async (client, submission) => {
    const { idempotency } = submission
    if (idempotency === null) return perCall(client, submission)
    const lock = JSON.stringify([client.tenant, idempotency.key])
    if (running.has(lock)) {
      throw inProgress()
    }
    running.add(lock)
    try {
      return await once(client, submission, idempotency)
    } finally {
      running.delete(lock)
    }
  }
}

async function accept(deps: Deps, client: Client, submission: Submission): Promise<Submitted> {
  const { input, idempotency } = submission
  const resolved = await resolveRequest(deps, client, input)
  const planned = (request: GenerationRequest, known: KnownBefore) =>
    planRoute(deps, client, request, known).catch(async (error: unknown) => {
      const owner = error instanceof Problem ? exceededBudget(error) : null
      if (owner !== null) await deps.budget.exhausted(client, owner)
      throw error
    })
  const firstPlan = await planned(resolved, knownBefore(input))
  // Fetched only once everything else is known to be right; from here on a failure takes it back.
  const kept = await keepMedia(deps, client, input, resolved)
  const { request, known } = kept
  const taking = async <T>(work: Promise<T>): Promise<T> =>
    work.catch(async (error: unknown) => {
      if (!mayBeWritten(error)) await kept.discard()
      throw error
    })
  const plan = known === null ? firstPlan : await taking(planned(request, known))
  const generation = newGeneration(deps, client, request, plan)
  if (deps.hold.since() !== null) generation.warnings.push(heldWarning)
  const startsAt = deps.starts.known(generation)
  const outcome = await taking(insert(deps, client, { generation, startsAt }, submission))
  if (outcome.type === 'inserted') {
    return { type: 'accepted', generation, startsAt }
  }
  await kept.discard()
  if (outcome.type === 'key_used' && idempotency !== null) return replay(outcome, idempotency)
  const problem = refusalOf(outcome, client)
  const owner = exceededBudget(problem)
  if (owner !== null) await deps.budget.exhausted(client, owner)
  throw problem
}

async function insert(
  deps: Deps,
  client: Client,
  { generation, startsAt }: { generation: Generation; startsAt: number | null },
  { idempotency, render, call }: Submission,
): Promise<InsertOutcome> {
  const place = deps.placeFor(generation, isSelfContained(deps, generation))
  let isStored = false
  try {
    const { id, createdAt, request, plan } = generation
    const said = { model: request.model, worst_case_micros: plan.worstCaseCostMicros }
    const outcome = await deps.store.insert(generation, {
      entries: [{ type: 'generation.queued', at: createdAt, data: {} }],
      idempotency: idempotency && { ...idempotency, response: render(generation, startsAt) },
      limits: {
        monthStart: monthStart(createdAt),
        monthlyBudgetMicros: client.monthlyBudgetMicros,
        maxInFlight: client.maxInFlight,
      },
      audit: {
        accepted: auditEntry(deps, { actor: client, action: 'generation.created', subject: id, data: said }),
        nearBudget: deps.budget.nearBudget(client),
        nearTenantBudget: (micros) => deps.budget.nearTenantBudget(client, micros),
      },
      create: call,
      lease: place.lease,
    })
    isStored = outcome.type === 'inserted'
    return outcome
  } finally {
    await place.end(isStored)
  }
}

/** Before its attempt is stored, work on it makes no character, searches no upstream, and counts nothing against a rate. */
function isSelfContained({ gate, hold }: Deps, { request, plan }: Generation): boolean {
  return (
    hold.since() === null &&
    request.characters.length === 0 &&
    [...plan.candidates, ...plan.standby].every(
      ({ upstream }) => gate.view(upstream)?.spec.createsPerMinute === null,
    )
  )
}

function newGeneration(
  { ids, clock }: Deps,
  client: Client,
  request: GenerationRequest,
  plan: RoutePlan,
): Generation {
  const now = clock.now()
  return {
    id: ids.generation(),
    tenant: client.tenant,
    key: client.key,
    keyId: client.keyId,
    allow: client.allow,
    allowUpstreams: client.allowUpstreams,
    allowModels: client.allowModels,
    status: 'queued',
    progress: 0,
    request,
    plan,
    attempts: [],
    warnings: [],
    video: null,
    error: null,
    createdAt: now,
    completedAt: null,
    deadlineAt: now + request.routing.deadlineMs,
    nextAttemptAt: now,
    dueAt: now,
  }
}

function replay(
  { requestHash, response }: { requestHash: string; response: string | null },
  asked: IdempotencyInput,
): Submitted {
  if (requestHash !== asked.requestHash) throw reused()
  if (response === null) throw deleted()
  return { type: 'replayed', response }
}

function refusalOf(outcome: InsertOutcome, client: Client): Problem {
  switch (outcome.type) {
    case 'over_budget':
      return budgetExceeded(client, 'key', 'The worst-case cost of this request')
    case 'over_tenant_budget':
      return budgetExceeded(client, 'tenant', 'The worst-case cost of this request')
    case 'too_many_in_flight':
      return new Problem(
        'too_many_in_flight',
        `This key has ${outcome.inFlight} generations in flight, which is its limit. Wait until one ends.`,
      )
    case 'key_used':
    case 'inserted':
      return new Problem('conflict', 'This request is already stored.')
  }
}
