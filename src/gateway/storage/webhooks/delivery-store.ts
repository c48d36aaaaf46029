import { sql, type Kysely, type RawBuilder } from 'kysely'
import { z } from 'zod'
import { afterCrash } from '../../domain/webhooks/delivery.ts'
import type { Delivery } from '../../domain/webhooks/delivery.ts'
import type { DeliveryStore } from '../../ports/webhooks/delivery-store.ts'
import { prepareAppendAudit } from '../accounts/audit-log.ts'
import type { Database } from '../engine/database.ts'
import { claimsLock, generationLock } from '../engine/lock-names.ts'
import { exclusive, type Lock } from '../engine/write-options.ts'
import { prepareClaimDeliveries, readable } from './delivery-claims.ts'
import { parseDelivery, progressColumns } from './delivery-rows.ts'
import { failingQuery } from './failing-deliveries.ts'
import { prepareQuery } from '../engine/prepared-query.ts'
import type { Schema } from '../schema.ts'

const nobody = { lease_owner: null, lease_until: null }

const dueRow = z.object({ due_at: z.number() })

/** Deliveries as one row each. The outbox inserts them. */
export function createDeliveryStore({ read, write }: Database): DeliveryStore {
  const firstDue = prepareFirstDue(read)
  const claimDeliveries = prepareClaimDeliveries(read)
  const recordProgress = prepareRecordProgress(read)
  const moveFollowers = prepareMoveFollowers(read)
  return {
    claimDue: (claim) =>
      write((transaction) => claimDeliveries(transaction, claim), {
        queue: 'workers',
        locks: [claimsLock('deliveries')],
        repeatable: true,
      }),
    recordTry: (delivery, owner) =>
      write(
        async (transaction) => {
          const [updated] = await recordProgress(transaction, {
            ...progressColumns(delivery),
            id: delivery.id,
            owner,
          })
          if (updated === undefined) return false
          await moveFollowers(transaction, delivery)
          return true
        },
        { queue: 'workers', locks: [lockOf(delivery)] },
      ),
    async releaseAll(now) {
      await write(async (transaction) => {
        const held = await transaction
          .updateTable('deliveries')
          .set(nobody)
          .where('due_at', 'is not', null)
          .where('lease_owner', 'is not', null)
          .returningAll()
          .execute()
        for (const { delivery } of held.flatMap(readable)) {
          const next = afterCrash(delivery, now, Math.random())
          await transaction
            .updateTable('deliveries')
            .set(progressColumns(next))
            .where('id', '=', next.id)
            .execute()
          await moveFollowers(transaction, next)
        }
      })
    },
    async get(id) {
      const row = await read.selectFrom('deliveries').selectAll().where('id', '=', id).executeTakeFirst()
      return row ? parseDelivery(row) : null
    },
    async list({ generationId, before, limit }) {
      const rows = await read
        .selectFrom('deliveries')
        .selectAll()
        .where('generation_id', '=', generationId)
        .$if(before !== null, (query) => query.where('id', '<', before))
        .orderBy('id', 'desc')
        .limit(limit)
        .execute()
      return rows.map(parseDelivery)
    },
    async failing(query) {
      const rows = await failingQuery(read, query).execute()
      return rows.map(parseDelivery)
    },
    requeue: prepareRequeue(read, write),
    async nextDueAt(after) {
      const [row] = await firstDue(read, { after })
      return row === undefined ? null : dueRow.parse(row).due_at
    },
  }
}

function prepareRequeue(read: Kysely<Schema>, write: Database['write']): DeliveryStore['requeue'] {
  const appendAudit = prepareAppendAudit(read)
  return (delivery, now, audit) =>
    write(
      async (transaction) => {
        const queued = await transaction
          .updateTable('deliveries')
          .set({ ...progressColumns(delivery), ...nobody })
          .where('id', '=', delivery.id)
          .where((row) => row('lease_until', 'is', null).or('lease_until', '<=', now))
          .returning('id')
          .executeTakeFirst()
        if (queued !== undefined && audit !== undefined) await appendAudit(transaction, audit)
        return queued !== undefined
      },
      { locks: [lockOf(delivery)] },
    )
}

/** What a try changes of the deliveries that wait for it, and what an insert looks at, belongs to their generation. */
function lockOf({ id, generationId }: Delivery): Lock {
  return generationId === null ? exclusive(`delivery:${id}`) : generationLock(generationId)
}

function prepareFirstDue(queries: Kysely<Schema>) {
  return prepareQuery<{ after: number }>((parameter) =>
    queries
      .selectFrom('deliveries')
      .select('due_at')
      .where('due_at', '>', parameter('after'))
      .orderBy('due_at')
      .limit(sql.lit(1)),
  )
}

/**
 * Updates deliveries that wait for this one: due with its next try, due now if it is over, never if they are not
 * wanted.
 */
function prepareMoveFollowers(queries: Kysely<Schema>) {
  const prepare = (change: (dueAt: RawBuilder<number | null>) => RawBuilder<unknown>) =>
    prepareQuery<{ generation: string | null; seq: number; dueAt: number | null }>((parameter) => {
      const statement = sql`update deliveries set ${change(parameter('dueAt'))}
        where generation_id = ${parameter('generation')} and seq > ${parameter('seq')} and state = 'pending'`
      return { compile: () => statement.compile(queries) }
    })
  const unwanted = prepare(() => sql`state = 'disabled', due_at = null`)
  const later = prepare((dueAt) => sql`due_at = ${dueAt}`)
  const now = prepare(() => sql`due_at = at`)
  return async (
    transaction: Kysely<Schema>,
    { generationId: generation, seq, state, dueAt }: Delivery,
  ): Promise<void> => {
    const move = state === 'disabled' ? unwanted : state === 'pending' ? later : now
    await move(transaction, { generation, seq, dueAt })
  }
}

/** What became of a try, which lets go of the lease. No row where another owner has it. */
function prepareRecordProgress(queries: Kysely<Schema>) {
  return prepareQuery<ReturnType<typeof progressColumns> & { id: string; owner: string }>((parameter) =>
    queries
      .updateTable('deliveries')
      .set({
        state: parameter('state'),
        tries: parameter('tries'),
        failures: parameter('failures'),
        due_at: parameter('due_at'),
        expires_at: parameter('expires_at'),
        lease_owner: sql.lit(null),
        lease_until: sql.lit(null),
      })
      .where('id', '=', parameter('id'))
      .where('lease_owner', '=', parameter('owner'))
      .returning('id'),
  )
}
