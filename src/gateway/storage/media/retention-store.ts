import { sql, type Kysely } from 'kysely'
import { z } from 'zod'
import type { EndedGeneration, PassPlace, RetentionStore } from '../../ports/generations/retention-store.ts'
import { prepareAppendAudit } from '../accounts/audit-log.ts'
import type { Database } from '../engine/database.ts'
import { auditRetentionLock, generationLock } from '../engine/lock-names.ts'
import { cleaning } from '../engine/write-options.ts'
import { generationId } from '../generations/generation-document.ts'
import { removeGeneration } from '../generations/remove-generation.ts'
import type { Schema } from '../schema.ts'
import { storedBoolean } from '../stored-boolean.ts'

const endedRow = z.object({
  id: generationId,
  createdAt: z.number(),
  hasOpenAttempt: storedBoolean,
  hasPendingDelivery: storedBoolean,
  hasEvents: storedBoolean,
  hasDeliveries: storedBoolean,
})

const noteRow = z.object({
  data: z.string().transform((text) => z.object({ before: z.string() }).parse(JSON.parse(text))),
})

/** The condition of the index `attempts_left`. */
const left = sql<boolean>`generation_id is null and cost_state = 'settled' and state in ('succeeded', 'failed')`

const openAttempt = sql`exists (
  select 1 from attempts where attempts.generation_id = generations.id and attempts.cost_state <> 'settled')`
const pendingDelivery = sql`exists (
  select 1 from deliveries where deliveries.generation_id = generations.id and deliveries.due_at is not null)`

export function createRetentionStore(database: Database): RetentionStore {
  const { read, write, totals } = database
  const appendAudit = prepareAppendAudit(read)

  return {
    endedBefore: (instant, after, limit) => endedBefore(read, instant, after, limit),
    removeEnded: (id) =>
      write(
        async (transaction) => {
          const removable = sql<boolean>`due_at is null and not ${openAttempt} and not ${pendingDelivery}`
          return (await removeGeneration(transaction, id, removable)) !== undefined
        },
        { queue: 'workers', locks: [generationLock(id)] },
      ),
    async removeEvents(id) {
      await write(
        (transaction) => transaction.deleteFrom('events').where('generation_id', '=', id).execute(),
        { queue: 'workers', locks: [generationLock(id)] },
      )
    },
    async removeDeliveries(id) {
      await write(
        (transaction) =>
          transaction
            .deleteFrom('deliveries')
            .where('generation_id', '=', id)
            .where('due_at', 'is', null)
            .where('lease_owner', 'is', null)
            .execute(),
        { queue: 'workers', locks: [generationLock(id)] },
      )
    },
    async removeAttempts(startedBefore, limit) {
      if (!totals.reportable) return 0
      const removed = await write(
        (transaction) =>
          sql`delete from attempts where id in (
            select id from attempts where ${left} and counted = 1 and started_at < ${startedBefore}
            order by started_at limit ${limit})`.execute(transaction),
        cleaning,
      )
      return Number(removed.numAffectedRows ?? 0n)
    },
    removeAudit: (before, note, limit) =>
      write(
        async (transaction) => {
          if (!(await isAnyOlder(transaction, before))) return 0
          const bound = new Date(before).toISOString()
          const [newest] = await newestNote(transaction)
          if (newest === undefined || noteRow.parse(newest).data.before !== bound) {
            await appendAudit(transaction, { ...note, data: { ...note.data, before: bound } })
          }
          const removed = await sql`delete from audit where id in (
          select id from audit where at < ${before} order by at limit ${limit})`.execute(transaction)
          return Number(removed.numAffectedRows ?? 0n)
        },
        { ...cleaning, locks: [auditRetentionLock] },
      ),
  }
}

async function endedBefore(
  read: Kysely<Schema>,
  instant: number,
  after: PassPlace | null,
  limit: number,
): Promise<EndedGeneration[]> {
  const behind = after === null ? sql`true` : sql`(created_at, id) > (${after.createdAt}, ${after.id})`
  const { rows } = await sql`
    select id, created_at as "createdAt", ${openAttempt} as "hasOpenAttempt",
      ${pendingDelivery} as "hasPendingDelivery",
      exists (select 1 from events where events.generation_id = generations.id) as "hasEvents",
      exists (select 1 from deliveries where deliveries.generation_id = generations.id) as "hasDeliveries"
    from generations
    where due_at is null and created_at < ${instant} and ${behind}
    order by created_at, id limit ${limit}`.execute(read)
  return z.array(endedRow).parse(rows)
}

async function isAnyOlder(transaction: Kysely<Schema>, before: number): Promise<boolean> {
  const row = await transaction.selectFrom('audit').select('id').where('at', '<', before).limit(1).execute()
  return row.length > 0
}

function newestNote(transaction: Kysely<Schema>) {
  return transaction
    .selectFrom('audit')
    .select('data')
    .where('action', '=', 'audit.entries_removed')
    .orderBy('id', 'desc')
    .limit(1)
    .execute()
}
