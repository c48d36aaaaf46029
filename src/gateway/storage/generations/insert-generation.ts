import { sql, type Kysely } from 'kysely'
import type { AuditEntry } from '../../domain/accounts/audit.ts'
import type { MonthlyBudget } from '../../domain/accounts/budget.ts'
import type { Generation } from '../../domain/generation/generation.ts'
import { isTerminal } from '../../domain/generation/liveness.ts'
import type { GenerationStore, InsertOutcome, InsertTerms } from '../../ports/generations/generation-store.ts'
import type { FirstAnswer } from '../../ports/generations/idempotency-store.ts'
import type { AttemptLedger } from '../ledger/attempt-ledger.ts'
import { createLimitLocks, type HeldLimits } from '../ledger/limit-locks.ts'
import { allOf } from '../engine/all-of.ts'
import { prepareAppendAudit } from '../accounts/audit-log.ts'
import type { Database } from '../engine/database.ts'
import { isPostgres } from '../engine/dialect.ts'
import { answerLock } from '../engine/lock-names.ts'
import type { Locked } from '../engine/write-options.ts'
import { prepareFillOutbox } from '../webhooks/delivery-outbox.ts'
import type { EventLog } from './event-log.ts'
import type { KnownDocuments } from './known-documents.ts'
import { generationColumns, type GenerationColumns } from './generation-rows.ts'
import {
  findIdempotencyRecord,
  forgetAnswer,
  prepareRememberAnswer,
  rememberedSince,
} from '../accounts/idempotency-records.ts'
import { asNew, prepareReserve, type Committed } from './insert-limits.ts'
import { prepareQuery, type PreparedQuery } from '../engine/prepared-query.ts'
import { StorageError } from '../engine/storage-error.ts'
import { prepareRememberCreate } from './recent-creates.ts'
import type { Schema } from '../schema.ts'
import type { GenerationCharactersTable, GenerationsTable } from '../tables/generation-tables.ts'

/** Accepts a generation: idempotency, limits, rows and log in one transaction. */
export function createInsertGeneration(
  database: Database,
  { log, ledger, known }: { log: EventLog; ledger: AttemptLedger; known: KnownDocuments },
): GenerationStore['insert'] {
  const { read, write } = database
  const { holding } = createLimitLocks(database)
  const insertRow = prepareInsert(read)
  const rememberAnswer = prepareRememberAnswer(read)
  const reserve = prepareReserve(database)
  const appendAudit = prepareAppendAudit(read)
  const fillOutbox = prepareFillOutbox(read)
  const rememberCreate = prepareRememberCreate(read)
  const notes = prepareNotes(read)

  return (generation, { entries, idempotency, limits, audit, create, lease }) => {
    const { tenant, key, createdAt, plan } = generation
    const values = {
      ...generationColumns(generation),
      tenant,
      key,
      created_at: createdAt,
      last_seq: entries.length,
      idempotency_key: idempotency?.key ?? null,
      lease_owner: lease?.owner ?? null,
      lease_until: lease?.until ?? null,
    }
    const asked = asNew(generation, values.headroom_micros)
    // The row is asked for first, because the others refer to it.
    const writeRows = (transaction: Kysely<Schema>) =>
      allOf([
        insertRow(transaction, values),
        ...(isTerminal(generation) && !isPostgres(transaction) ? [countEnded(transaction, generation)] : []),
        log.append(transaction, generation.id, entries.length, entries),
        fillOutbox(transaction, generation, entries.length, entries),
        ledger.record(transaction, generation),
        ...notes(transaction, generation),
        ...(create === undefined ? [] : [rememberCreate(transaction, generation, create)]),
        ...(audit === undefined ? [] : [appendAudit(transaction, audit.accepted)]),
      ])

    const insert = async (
      transaction: Kysely<Schema>,
      held: HeldLimits & { locked: Locked },
    ): Promise<InsertOutcome> => {
      // Before the limits: a repeated request gets its first response even if it would exceed a limit now.
      if (idempotency && !(await rememberAnswer(transaction, generation, idempotency))) {
        const used = await keyUsed(transaction, generation, idempotency)
        if (used) return used
        throw new Error('the record of an idempotency key is neither absent nor present')
      }
      const [, reserved] = await allOf([
        held.inAdvance ? writeRows(transaction) : null,
        reserve(transaction, asked, limits, held),
      ])
      if (reserved.broken) {
        // Written already, for a key without limits: it is rolled back, and nothing is stored that was turned away.
        if (held.inAdvance)
          throw new StorageError('busy', 'the database did not answer for the key; nothing was written')
        if (idempotency) await forgetAnswer(transaction, generation, idempotency.key)
        return reserved.broken
      }
      if (!held.inAdvance) await writeRows(transaction)
      for (const entry of nearBudget(generation, audit, reserved)) await appendAudit(transaction, entry)
      known.note(values.doc, generation)
      return { type: 'inserted' }
    }
    const ofAnswer = idempotency ? [answerLock(tenant, idempotency.key)] : []
    const limited = { tenant, key, limits, worstMicros: plan.worstCaseCostMicros, inOneStatement: true }
    return holding(limited, ({ locks, lateLocks }, held) => {
      const written = write((transaction, locked) => insert(transaction, { ...held, locked }), {
        locks: [...locks, ...ofAnswer],
        lateLocks,
      })
      lease?.storing(generation)
      return written
    })
  }
}

/** Before its attempts are recorded, which move it. In SQLite, a trigger would make every other insert dearer, and none of them is over. */
async function countEnded(transaction: Kysely<Schema>, { tenant, key, status }: Generation): Promise<void> {
  await sql`insert into generation_counts (tenant, key, status, attempt_states, generations)
    values (${tenant}, ${key}, ${status}, '', 1)
    on conflict (tenant, key, status, attempt_states) do update set generations = generations + 1`.execute(
    transaction,
  )
}

/** What is to be noted of the budgets of a key and of its tenant that a new generation nearly uses up. */
function nearBudget(
  { plan }: Generation,
  audit: InsertTerms['audit'],
  { committed, tenant }: { committed: Committed; tenant: MonthlyBudget | null },
): AuditEntry[] {
  if (audit === undefined) return []
  const near = [
    { told: audit.nearBudget, before: committed.micros },
    {
      told: tenant && (audit.nearTenantBudget?.(tenant.monthlyBudgetMicros) ?? null),
      before: tenant?.committedMicros ?? 0,
    },
  ]
  return near.flatMap(({ told, before }) =>
    told !== null && before + plan.worstCaseCostMicros >= told.atMicros ? [told.entry] : [],
  )
}

/** A row for each character and for each entry of the metadata, which are few. */
function prepareNotes(queries: Kysely<Schema>) {
  const character = prepareQuery<GenerationCharactersTable>((parameter) =>
    queries.insertInto('generation_characters').values({
      character_id: parameter('character_id'),
      generation_id: parameter('generation_id'),
    }),
  )
  const labels = prepareLabels(queries)
  return (transaction: Kysely<Schema>, { id, request }: Generation): Array<Promise<unknown>> => [
    ...request.characters.map((use) => character(transaction, { character_id: use.id, generation_id: id })),
    labels(transaction, id, request.metadata),
  ]
}

/** All entries in one statement, of which there is one for each number of entries. */
function prepareLabels(queries: Kysely<Schema>) {
  const statements = new Map<number, PreparedQuery<Record<string, string>>>()
  const of = (count: number) =>
    prepareQuery<Record<string, string>>((parameter) =>
      queries.insertInto('generation_labels').values(
        Array.from({ length: count }, (_, at) => ({
          name: parameter(`name${at}`),
          value: parameter(`value${at}`),
          generation_id: parameter('id'),
        })),
      ),
    )
  return async (transaction: Kysely<Schema>, id: string, metadata: Record<string, string>): Promise<void> => {
    const entries = Object.entries(metadata)
    const count = entries.length
    if (count === 0) return
    const insert = statements.get(count) ?? of(count)
    statements.set(count, insert)
    const values: Record<string, string> = { id }
    for (const [at, [name, value]] of entries.entries()) {
      values[`name${at}`] = name
      values[`value${at}`] = value
    }
    await insert(transaction, values)
  }
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
  Pick<
    GenerationsTable,
    'tenant' | 'key' | 'created_at' | 'last_seq' | 'idempotency_key' | 'lease_owner' | 'lease_until'
  >

function prepareInsert(queries: Kysely<Schema>) {
  return prepareQuery<InsertValues>((parameter) =>
    queries.insertInto('generations').values({
      id: parameter('id'),
      tenant: parameter('tenant'),
      key: parameter('key'),
      status: parameter('status'),
      created_at: parameter('created_at'),
      due_at: parameter('due_at'),
      due_pool: parameter('due_pool'),
      expires_at: parameter('expires_at'),
      lease_owner: parameter('lease_owner'),
      lease_until: parameter('lease_until'),
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
