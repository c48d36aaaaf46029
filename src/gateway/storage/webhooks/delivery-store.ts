import { sql, type Kysely } from 'kysely'
import { z } from 'zod'
import { afterCrash } from '../../domain/webhooks/delivery.ts'
import type { Delivery } from '../../domain/webhooks/delivery.ts'
import type { DeliveryStore } from '../../ports/webhooks/delivery-store.ts'
import { prepareAppendAudit } from '../accounts/audit-log.ts'
import type { Database } from '../engine/database.ts'
import { claimsLock, generationLock } from '../engine/lock-names.ts'
import { exclusive, type Lock } from '../engine/write-options.ts'
import { claimDeliveries, readable } from './delivery-claims.ts'
import { parseDelivery, progressColumns } from './delivery-rows.ts'
import { failingQuery } from './failing-deliveries.ts'
import { prepareQuery } from '../engine/prepared-query.ts'
import type { Schema } from '../schema.ts'

const nobody = { lease_owner: null, lease_until: null }

const dueRow = z.object({ due_at: z.number() })

/** Deliveries as one row each. `fillOutbox` inserts them. */
export function createDeliveryStore({ read, write }: Database): DeliveryStore {
  const firstDue = prepareFirstDue(read)
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
          const updated = await transaction
            .updateTable('deliveries')
            .set({ ...progressColumns(delivery), ...nobody })
            .where('id', '=', delivery.id)
            .where('lease_owner', '=', owner)
            .returning('id')
            .executeTakeFirst()
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
      .limit(1),
  )
}

/**
 * Updates deliveries that wait for this one: due with its next try, due now if it is over, never if they are not
 * wanted.
 */
async function moveFollowers(
  transaction: Kysely<Schema>,
  { generationId, seq, state, dueAt }: Delivery,
): Promise<void> {
  const change =
    state === 'disabled'
      ? { state: 'disabled', due_at: null }
      : { due_at: state === 'pending' ? dueAt : sql<number>`at` }
  await transaction
    .updateTable('deliveries')
    .set(change)
    .where('generation_id', '=', generationId)
    .where('seq', '>', seq)
    .where('state', '=', 'pending')
    .execute()
}
