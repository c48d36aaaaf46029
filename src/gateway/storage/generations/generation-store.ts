import type { Kysely } from 'kysely'
import { z } from 'zod'
import type { Generation } from '../../domain/generation/generation.ts'
import type { GenerationStorage } from '../../ports/generations/generation-storage.ts'
import type { ListQuery } from '../../ports/generations/generation-store.ts'
import { createAttemptLedger } from '../ledger/attempt-ledger.ts'
import { prepareAppendAudit } from '../accounts/audit-log.ts'
import { createClaims } from '../queue/claims.ts'
import type { Database } from '../engine/database.ts'
import { createEventLog } from './event-log.ts'
import { parseGeneration } from './generation-rows.ts'
import { findIdempotencyRecord, pruneIdempotency } from '../accounts/idempotency-records.ts'
import { createInsertGeneration } from './insert-generation.ts'
import { prepareCommitments } from './insert-limits.ts'
import { prepareQuery } from '../engine/prepared-query.ts'
import { pruneRecentCreates, takeRetriedCreate } from './recent-creates.ts'
import { removeGeneration } from './remove-generation.ts'
import { createSaveGeneration } from './save-generation.ts'
import { prepareTenantBudget } from '../ledger/tenant-budget.ts'
import { prepareSpendOf } from '../ledger/upstream-spend.ts'
import { createUsageSums } from '../ledger/usage-sums.ts'
import type { Schema } from '../schema.ts'

const storedRow = z.object({ doc: z.string(), version: z.number() })

/** Generations as one JSON document each, with the columns and attempt rows that queries need. */
export function createGenerationStore(database: Database): GenerationStorage {
  const { read, write } = database
  const log = createEventLog(database)
  const ledger = createAttemptLedger(database)
  const commitments = prepareCommitments(database)
  const tenantBudget = prepareTenantBudget(database)
  const spendOf = prepareSpendOf(database)
  const appendAudit = prepareAppendAudit(read)
  const selectById = prepareQuery<{ id: string }, { doc: string; version: number }>((parameter) =>
    read.selectFrom('generations').select(['doc', 'version']).where('id', '=', parameter('id')),
  )

  return {
    insert: createInsertGeneration(database, log, ledger),
    save: createSaveGeneration(database, log, ledger),
    ...createClaims(database),
    findIdempotency: (tenant, key, since) => findIdempotencyRecord(read, tenant, key, since),
    async get(id) {
      const [row] = await selectById(read, { id })
      if (row === undefined) return null
      const { doc, version } = storedRow.parse(row)
      return { generation: parseGeneration(doc), version }
    },
    list: (query) => listGenerations(read, query),
    async remove(id, audit) {
      await write(async (transaction) => {
        const removed = await removeGeneration(transaction, id, null)
        if (removed !== undefined && audit !== undefined) await appendAudit(transaction, audit)
      })
    },
    async committedMicros(tenant, key, monthStart) {
      const { micros } = await commitments(read, { tenant, key, monthStart })
      return micros
    },
    spendOf: (dayStart) => spendOf(read, dayStart),
    tenantBudget: (tenant, monthStart) => tenantBudget(read, { tenant, monthStart }),
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
    takeRetried: (retry) => write((transaction) => takeRetriedCreate(transaction, retry)),
    pruneCreates: (before, limit) => write((transaction) => pruneRecentCreates(transaction, before, limit)),
    pruneIdempotency: (before) => pruneIdempotency(database, before),
    events: log.read,
    liveAttempts: ledger.liveAttempts,
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

async function listGenerations(
  read: Kysely<Schema>,
  { tenant, status, character, before, limit, oldestFirst = false }: ListQuery,
): Promise<Generation[]> {
  const rows = await read
    .selectFrom('generations')
    .select('doc')
    .where('tenant', '=', tenant)
    .$if(status !== null, (query) => query.where('status', '=', status))
    .$if(before !== null, (query) => query.where('id', oldestFirst ? '>' : '<', before))
    .$if(character !== null, (query) =>
      query.where('id', 'in', (uses) =>
        uses
          .selectFrom('generation_characters')
          .select('generation_id')
          .where('character_id', '=', character),
      ),
    )
    .orderBy('id', oldestFirst ? 'asc' : 'desc')
    .limit(limit)
    .execute()
  return rows.map(({ doc }) => parseGeneration(doc))
}
