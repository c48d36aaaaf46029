import { type Kysely } from 'kysely'
import type { Generation } from '../../domain/generation/generation.ts'
import type { GenerationStore, InsertOutcome } from '../../ports/generations/generation-store.ts'
import type { FirstAnswer } from '../../ports/generations/idempotency-store.ts'
import type { AttemptLedger } from '../ledger/attempt-ledger.ts'
import { createLimitLocks, type HeldLimits } from '../ledger/limit-locks.ts'
import { allOf } from '../engine/all-of.ts'
import { prepareAppendAudit } from '../accounts/audit-log.ts'
import type { Database } from '../engine/database.ts'
import { answerLock } from '../engine/lock-names.ts'
import { fillOutbox } from '../webhooks/delivery-outbox.ts'
import type { EventLog } from './event-log.ts'
import { generationColumns, type GenerationColumns } from './generation-rows.ts'
import {
  findIdempotencyRecord,
  forgetAnswer,
  prepareRememberAnswer,
  rememberedSince,
} from '../accounts/idempotency-records.ts'
import { asNew, prepareReserve } from './insert-limits.ts'
import { prepareQuery } from '../engine/prepared-query.ts'
import { prepareRememberCreate } from './recent-creates.ts'
import type { Schema } from '../schema.ts'
import type { GenerationsTable } from '../tables/generation-tables.ts'

/** Accepts a generation: idempotency, limits, rows and log in one transaction. */
export function createInsertGeneration(
  database: Database,
  log: EventLog,
  ledger: AttemptLedger,
): GenerationStore['insert'] {
  const { read, write } = database
  const { holding } = createLimitLocks(database)
  const insertRow = prepareInsert(read)
  const rememberAnswer = prepareRememberAnswer(read)
  const reserve = prepareReserve(database)
  const appendAudit = prepareAppendAudit(read)
  const rememberCreate = prepareRememberCreate(read)

  return (generation, { entries, idempotency, limits, audit, create }) => {
    const { tenant, key, createdAt, plan } = generation
    const values = {
      ...generationColumns(generation),
      tenant,
      key,
      created_at: createdAt,
      last_seq: entries.length,
      idempotency_key: idempotency?.key ?? null,
    }
    const insert = async (transaction: Kysely<Schema>, held: HeldLimits): Promise<InsertOutcome> => {
      // Before the limits: a repeated request gets its first response even if it would exceed a limit now.
      if (idempotency && !(await rememberAnswer(transaction, generation, idempotency))) {
        const used = await keyUsed(transaction, generation, idempotency)
        if (used) return used
        throw new Error('the record of an idempotency key is neither absent nor present')
      }
      const {
        broken,
        committedMicros,
        tenant: ofTenant,
      } = await reserve(transaction, asNew(generation, values.headroom_micros), limits, held)
      if (broken) {
        if (idempotency) await forgetAnswer(transaction, generation, idempotency.key)
        return broken
      }
      // The row is asked for first, because the others refer to it.
      await allOf([
        insertRow(transaction, values),
        log.append(transaction, generation.id, entries.length, entries),
        fillOutbox(transaction, generation, entries.length, entries),
        ledger.record(transaction, generation),
        noteCharacters(transaction, generation),
        noteLabels(transaction, generation),
        ...(create === undefined ? [] : [rememberCreate(transaction, generation, create)]),
      ])
      if (audit === undefined) return { type: 'inserted' }
      await appendAudit(transaction, audit.accepted)
      const near = [
        { told: audit.nearBudget, before: committedMicros },
        {
          told: ofTenant && (audit.nearTenantBudget?.(ofTenant.monthlyBudgetMicros) ?? null),
          before: ofTenant?.committedMicros ?? 0,
        },
      ]
      for (const { told, before } of near) {
        if (told !== null && before + plan.worstCaseCostMicros >= told.atMicros) {
          await appendAudit(transaction, told.entry)
        }
      }
      return { type: 'inserted' }
    }
    const ofAnswer = idempotency ? [answerLock(tenant, idempotency.key)] : []
    return holding({ tenant, key, limits, inOneStatement: true }, (locks, held) =>
      write((transaction) => insert(transaction, held), { locks: [...locks, ...ofAnswer] }),
    )
  }
}

async function noteCharacters(transaction: Kysely<Schema>, { id, request }: Generation): Promise<void> {
  if (request.characters.length === 0) return
  const rows = request.characters.map((use) => ({ character_id: use.id, generation_id: id }))
  await transaction.insertInto('generation_characters').values(rows).execute()
}

async function noteLabels(transaction: Kysely<Schema>, { id, request }: Generation): Promise<void> {
  const labels = Object.entries(request.metadata)
  if (labels.length === 0) return
  const rows = labels.map(([name, value]) => ({ name, value, generation_id: id }))
  await transaction.insertInto('generation_labels').values(rows).execute()
}

async function keyUsed(
  transaction: Kysely<Schema>,
  generation: Generation,
  idempotency: FirstAnswer | null,
): Promise<Extract<InsertOutcome, { type: 'key_used' }> | null> {
  if (idempotency === null) return null
  const since = rememberedSince(generation)
  const used = await findIdempotencyRecord(transaction, generation.tenant, idempotency.key, since)
  return used && { type: 'key_used', requestHash: used.requestHash, response: used.response }
}

type InsertValues = GenerationColumns &
  Pick<GenerationsTable, 'tenant' | 'key' | 'created_at' | 'last_seq' | 'idempotency_key'>

function prepareInsert(queries: Kysely<Schema>) {
  return prepareQuery<InsertValues, unknown>((parameter) =>
    queries.insertInto('generations').values({
      id: parameter('id'),
      tenant: parameter('tenant'),
      key: parameter('key'),
      status: parameter('status'),
      created_at: parameter('created_at'),
      due_at: parameter('due_at'),
      due_pool: parameter('due_pool'),
      expires_at: parameter('expires_at'),
      lease_owner: null,
      lease_until: null,
      crash_points: 0,
      crashed_by: null,
      version: 1,
      last_seq: parameter('last_seq'),
      headroom_micros: parameter('headroom_micros'),
      video_at: parameter('video_at'),
      error: parameter('error'),
      attention_at: parameter('attention_at'),
      idempotency_key: parameter('idempotency_key'),
      counted: 1,
      doc: parameter('doc'),
    }),
  )
}
