import type { Kysely } from 'kysely'
import { z } from 'zod'
import type { Generation } from '../../domain/generation/generation.ts'
import type { GenerationId } from '../../domain/ids.ts'
import type { GenerationStorage } from '../../ports/generations/generation-storage.ts'
import { createAttemptLedger } from '../ledger/attempt-ledger.ts'
import { prepareAppendAudit } from '../accounts/audit-log.ts'
import { createClaims } from '../queue/claims.ts'
import type { Database } from '../engine/database.ts'
import { generationLock, retryLock } from '../engine/lock-names.ts'
import { cleaning } from '../engine/write-options.ts'
import { createCurrentGenerations } from './current-generations.ts'
import { createEventLog } from './event-log.ts'
import { parseGeneration } from './generation-rows.ts'
import { createKnownDocuments } from './known-documents.ts'
import { findIdempotencyRecord, pruneIdempotency } from '../accounts/idempotency-records.ts'
import { createInsertGeneration } from './insert-generation.ts'
import { prepareCommitments } from './insert-limits.ts'
import { prepareQuery } from '../engine/prepared-query.ts'
import { pruneRecentCreates, takeRetriedCreate } from './recent-creates.ts'
import { removeGeneration } from './remove-generation.ts'
import { createSaveGeneration } from './save-generation.ts'
import { prepareKnownTenantBudget } from '../ledger/tenant-budget.ts'
import { prepareSpendOf } from '../ledger/upstream-spend.ts'
import { countGenerations } from '../search/count-generations.ts'
import { sampleGenerations } from '../search/sample-generations.ts'
import { sampleWaiting } from '../search/sample-waiting.ts'
import { walkGenerations } from '../search/walk-generations.ts'
import { createUsageSums } from '../ledger/usage/usage-sums.ts'
import type { Schema } from '../schema.ts'

const storedRow = z.object({ doc: z.string(), version: z.number() })

/** Generations as one JSON document each, with the columns and attempt rows that queries need. */
export function createGenerationStore(database: Database): GenerationStorage {
  const { read, write } = database
  const log = createEventLog(database)
  const ledger = createAttemptLedger(database)
  const known = createKnownDocuments()
  const commitments = prepareCommitments(database)
  const tenantBudget = prepareKnownTenantBudget(database)
  const spendOf = prepareSpendOf(database)
  const appendAudit = prepareAppendAudit(read)
  const selectById = prepareQuery<{ id: string }>((parameter) =>
    read.selectFrom('generations').select(['doc', 'version']).where('id', '=', parameter('id')),
  )

  return {
    insert: createInsertGeneration(database, { log, ledger, known }),
    save: createSaveGeneration(database, { log, ledger, known }),
    ...createClaims(database, known),
    findIdempotency: (tenant, key, since) => findIdempotencyRecord(read, tenant, key, since),
    async get(id) {
      const [row] = await selectById(read, { id })
      if (row === undefined) return null
      const { doc, version } = storedRow.parse(row)
      return { generation: parseGeneration(doc), version }
    },
    async list({ filter, before, limit, oldestFirst = false }) {
      const { ids, next } = await walkGenerations(read, filter, { before, oldestFirst, limit })
      return { data: await documentsOf(read, ids), next }
    },
    current: createCurrentGenerations(database),
    counts: (filter) => countGenerations(database, filter),
    sampleCompleted: (query) => sampleGenerations(database, documentsOf, query),
    waiting: (limit) => sampleWaiting(database, limit),
    async remove(id, audit) {
      await write(
        async (transaction) => {
          const removed = await removeGeneration(transaction, id, null)
          if (removed !== undefined && audit !== undefined) await appendAudit(transaction, audit)
        },
        { locks: [generationLock(id)] },
      )
    },
    async committedMicros(tenant, key, monthStart) {
      const { micros } = await commitments(read, { tenant, key, monthStart })
      return micros
    },
    spendOf: (dayStart) => spendOf(read, dayStart),
    tenantBudget: (tenant, monthStart) => tenantBudget({ tenant, monthStart }),
    async videosBefore(instant, limit) {
      const rows = await read
        .selectFrom('generations')
        .select(['doc', 'version'])
        .where('video_at', '<', instant)
        .orderBy('video_at')
        .limit(limit)
        .execute()
      return rows.map(({ doc, version }) => ({ generation: parseGeneration(doc), version }))
    },
    takeRetried: (retry) =>
      write((transaction) => takeRetriedCreate(transaction, retry), {
        locks: [retryLock(retry.tenant, retry.requestHash)],
      }),
    pruneCreates: (before, limit) =>
      write((transaction) => pruneRecentCreates(transaction, before, limit), cleaning),
    pruneIdempotency: (before) => pruneIdempotency(database, before),
    events: log.read,
    liveAttempts: ledger.liveAttempts,
    slotsTaken: ledger.slotsTaken,
    statistics: ledger.statistics,
    ownsJob: ledger.ownsJob,
    usage: createUsageSums(database),
    countLedger: database.totals.catchUp,
    ownersOf: ledger.ownersOf,
    placeOf: ledger.placeOf,
    unknownAttempts: ledger.unknownAttempts,
    unansweredCreates: ledger.unansweredCreates,
  }
}

/** In the order of their ids; those that were removed meanwhile are left out. */
async function documentsOf(read: Kysely<Schema>, ids: readonly GenerationId[]): Promise<Generation[]> {
  if (ids.length === 0) return []
  const rows = await read.selectFrom('generations').select(['id', 'doc']).where('id', 'in', ids).execute()
  const docs = new Map(rows.map(({ id, doc }) => [id, doc]))
  return ids.flatMap((id) => {
    const doc = docs.get(id)
    return doc === undefined ? [] : [parseGeneration(doc)]
  })
}
