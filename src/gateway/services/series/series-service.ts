import type { Client } from '../../domain/accounts/client.ts'
import { isAuditId, isSeriesId } from '../../domain/ids.ts'
import type { GenerationId, SeriesId } from '../../domain/ids.ts'
import { Problem } from '../../domain/problem.ts'
import { afterLook, cancelledSeries } from '../../domain/series/advance.ts'
import { newsOf } from '../../domain/series/series-events.ts'
import { hasEnded, isOver } from '../../domain/series/series.ts'
import type { StoredSeries } from '../../ports/series/series-store.ts'
import { auditEntry } from '../accounts/audit-entry.ts'
import type { GenerationService, IdempotencyInput } from '../generations/generations.ts'
import { followLog } from '../follow-log.ts'
import type { Once, OnceOnly } from '../once-only.ts'
import type { AdvanceSeriesDeps } from './advance-series.ts'
import { endGenerations } from './end-generations.ts'
import { followScenes } from './follow-scenes.ts'
import { planSeries, routeSeries } from './plan-series.ts'
import { findRetry, retryOnce } from './retry-series.ts'
import type { RetryInput, SeriesInput, SeriesService, SeriesView } from './series.ts'

export type SeriesServiceDeps = AdvanceSeriesDeps & {
  onceOnly: OnceOnly
  generations: Pick<GenerationService, 'cancel' | 'remove'>
}

/** A caller and a worker write; each round takes up the other's version. */
const conflictRounds = 10

export function createSeriesService(deps: SeriesServiceDeps): SeriesService {
  const { series: store } = deps
  return {
    create: (client, input, idempotency) => createOnce(deps, { client, input, idempotency }),
    get: async (client, id) => viewOf(deps, await ownSeries(deps, client, id)),
    async list({ tenant }, { limit, ...query }) {
      const data = await store.list({ ...query, tenant, limit: limit + 1 })
      return { data: data.slice(0, limit), hasMore: data.length > limit }
    },
    route: (client, input) => routeSeries(deps, client, input),
    retry: (client, id, input, idempotency) => retrySeries(deps, { client, id, input, idempotency }),
    events: (client, id, afterSeq, signal) =>
      followLog({
        bus: deps.bus,
        id,
        afterSeq,
        hasEnded: async () => (await ownSeries(deps, client, id)).series.completedAt !== null,
        entriesAfter: (seq, limit) => deps.series.events(id, seq, limit),
        signal,
      }),
    cancel: (client, id) => cancelSeries(deps, client, id),
    remove: (client, id) => removeSeries(deps, client, id),
  }
}

async function viewOf({ series: store }: SeriesServiceDeps, { series }: StoredSeries): Promise<SeriesView> {
  const [requests, asideUntil] = await Promise.all([store.requests(series.id), store.asideUntil(series.id)])
  return { series, requests, asideUntil }
}

async function ownSeries(
  { series: store }: SeriesServiceDeps,
  client: Client,
  id: SeriesId,
): Promise<StoredSeries> {
  const stored = await store.get(id)
  if (stored?.series.tenant !== client.tenant) throw notFound()
  return stored
}

function createOnce(
  deps: SeriesServiceDeps,
  asked: { client: Client; input: SeriesInput; idempotency: IdempotencyInput | null },
): Promise<Once<SeriesView>> {
  const { series: store, ids, onceOnly } = deps
  const { client, input, idempotency } = asked
  return onceOnly.run({
    tenant: client.tenant,
    idempotency,
    newId: () => ids.series(),
    isId: isSeriesId,
    async find(id) {
      const stored = await store.get(id)
      return stored === null ? null : viewOf(deps, stored)
    },
    async make(id, call) {
      const view = await planSeries(deps, client, input, id)
      const { scenes, maxCostMicros, createdAt } = view.series
      const said = { scenes: scenes.length, max_cost_micros: maxCostMicros }
      await store.insert(view.series, view.requests, {
        entries: [{ type: 'series.created', at: createdAt, data: { scenes: scenes.length } }],
        audit: {
          ...auditEntry(deps, { actor: client, action: 'series.created', subject: id, data: said }),
          call,
        },
      })
      return view
    },
  })
}

async function retrySeries(
  deps: SeriesServiceDeps,
  asked: { client: Client; id: SeriesId; input: RetryInput; idempotency: IdempotencyInput | null },
): Promise<Once<SeriesView>> {
  const { client, id, input, idempotency } = asked
  await ownSeries(deps, client, id)
  return deps.onceOnly.run({
    tenant: client.tenant,
    idempotency,
    newId: () => deps.ids.audit(),
    isId: isAuditId,
    find: (auditId) => findRetry(deps, id, auditId),
    async make(auditId, call) {
      for (let round = 0; round < conflictRounds; round++) {
        const stored = await ownSeries(deps, client, id)
        const view = await retryOnce(deps, client, { stored, input, auditId, call })
        if (view === null) continue
        deps.bus.publish(id)
        return view
      }
      throw changing()
    },
  })
}

async function cancelSeries(deps: SeriesServiceDeps, client: Client, id: SeriesId): Promise<SeriesView> {
  const { series: store, clock } = deps
  for (let round = 0; round < conflictRounds; round++) {
    const stored = await ownSeries(deps, client, id)
    const { series, version } = stored
    if (isOver(series) || series.cancelledAt !== null) return viewOf(deps, stored)
    const now = clock.now()
    const next = cancelledSeries(series, now)
    const audit = auditEntry(deps, { actor: client, action: 'series.cancelled', subject: id })
    const terms = { entries: newsOf(series, next, now), audit }
    if ((await store.save(next, version, terms)) === 'conflict') continue
    await endGenerations(deps, client, next)
    deps.bus.publish(id)
    return viewOf(deps, await noted(deps, client, id))
  }
  throw changing()
}

/** What the cancelled generations say is in the answer already; where a worker writes at the same time, it notes that. */
async function noted(deps: SeriesServiceDeps, client: Client, id: SeriesId): Promise<StoredSeries> {
  const { series: store, clock } = deps
  const { series, version } = await ownSeries(deps, client, id)
  const now = clock.now()
  const next = afterLook(await followScenes(deps, series), now, true)
  await store.save(next, version, { entries: newsOf(series, next, now) })
  return ownSeries(deps, client, id)
}

async function removeSeries(deps: SeriesServiceDeps, client: Client, id: SeriesId): Promise<void> {
  const { series: store, generations } = deps
  const { series, version } = await ownSeries(deps, client, id)
  if (!series.scenes.every(hasEnded))
    throw new Problem('conflict', 'This series is in progress. Cancel it before you delete it.')
  const made: GenerationId[] = series.scenes.flatMap((scene) => [
    ...scene.previousGenerationIds,
    scene.generationId,
  ])
  // Generations first: if the process dies in between, the series still names the others, and the call can be repeated.
  for (const generationId of made) await removeGeneration(generations, client, generationId)
  const outcome = await store.remove(
    id,
    version,
    auditEntry(deps, { actor: client, action: 'series.deleted', subject: id }),
  )
  if (outcome === 'conflict') throw changing()
}

async function removeGeneration(
  generations: Pick<GenerationService, 'remove'>,
  client: Client,
  id: GenerationId,
): Promise<void> {
  try {
    await generations.remove(client, id)
  } catch (error) {
    // It was never sent, or is gone already.
    if (!(error instanceof Problem) || error.code !== 'not_found') throw error
  }
}

function changing(): Problem {
  return new Problem('conflict', 'The series is being changed. Try again.')
}

function notFound(): Problem {
  const detail = 'The series does not exist, or belongs to another tenant.'
  return new Problem('not_found', detail, { faults: [{ pointer: '#/path/id', detail }] })
}
