import { sql, type Kysely } from 'kysely'
import type { Generation } from '../../domain/generation/generation.ts'
import type { FirstAnswer, IdempotencyRecord } from '../../ports/generations/idempotency-store.ts'
import type { Database } from '../engine/database.ts'
import { prepareQuery } from '../engine/prepared-query.ts'
import { cleaning } from '../engine/write-options.ts'
import type { Schema } from '../schema.ts'
import type { IdempotencyTable } from '../tables/call-tables.ts'

/** How long the response of a create is remembered. */
const REMEMBERED_MS = 24 * 60 * 60 * 1000

/** Replaces the response of a generation that was removed. Real responses are never empty. */
export const answerRemoved = ''

/** Records with a `created_at` from this instant on still apply to a generation that is created now. */
export function rememberedSince({ createdAt }: Generation): number {
  return createdAt - REMEMBERED_MS
}

export async function findIdempotencyRecord(
  queries: Kysely<Schema>,
  tenant: string,
  key: string,
  since: number,
): Promise<IdempotencyRecord | null> {
  const row = await queries
    .selectFrom('idempotency')
    .select(['key', 'request_hash', 'response'])
    .where('tenant', '=', tenant)
    .where('key', '=', key)
    .where('created_at', '>=', since)
    .executeTakeFirst()
  if (row === undefined) return null
  const response = row.response === answerRemoved ? null : row.response
  return { key: row.key, requestHash: row.request_hash, response }
}

/** Stores the response of a create. Returns false while its key is in use; an expired record is replaced. */
export type RememberAnswer = (
  transaction: Kysely<Schema>,
  generation: Generation,
  record: FirstAnswer,
) => Promise<boolean>

export function prepareRememberAnswer(queries: Kysely<Schema>): RememberAnswer {
  const write = prepareWrite(queries)
  return async (transaction, generation, { key, requestHash, response }) => {
    const written = await write(transaction, {
      tenant: generation.tenant,
      key,
      request_hash: requestHash,
      response,
      generation_id: generation.id,
      created_at: generation.createdAt,
      since: rememberedSince(generation),
    })
    return written.length > 0
  }
}

/** Undoes `RememberAnswer` in the same transaction. */
export async function forgetAnswer(
  transaction: Kysely<Schema>,
  { id, tenant }: Generation,
  key: string,
): Promise<void> {
  await transaction
    .deleteFrom('idempotency')
    .where('tenant', '=', tenant)
    .where('key', '=', key)
    .where('generation_id', '=', id)
    .execute()
}

/** Takes about 5 ms. */
const PRUNED_AT_ONCE = 500

/** Deletes in small batches by the index on age, so that requests can write in between. */
export async function pruneIdempotency({ write }: Pick<Database, 'write'>, before: number): Promise<void> {
  for (;;) {
    const { numAffectedRows = 0n } = await write(
      (transaction) =>
        sql`delete from idempotency where (tenant, key) in (
          select tenant, key from idempotency where created_at < ${before}
          order by created_at limit ${sql.lit(PRUNED_AT_ONCE)}) and created_at < ${before}`.execute(
          transaction,
        ),
      cleaning,
    )
    if (numAffectedRows < PRUNED_AT_ONCE) return
  }
}

function prepareWrite(queries: Kysely<Schema>) {
  return prepareQuery<IdempotencyTable & { since: number }>((parameter) =>
    queries
      .insertInto('idempotency')
      .values({
        tenant: parameter('tenant'),
        key: parameter('key'),
        request_hash: parameter('request_hash'),
        response: parameter('response'),
        generation_id: parameter('generation_id'),
        created_at: parameter('created_at'),
      })
      .onConflict((conflict) =>
        conflict
          .columns(['tenant', 'key'])
          .doUpdateSet({
            request_hash: sql.ref('excluded.request_hash'),
            response: sql.ref('excluded.response'),
            generation_id: sql.ref('excluded.generation_id'),
            created_at: sql.ref('excluded.created_at'),
          })
          .where('idempotency.created_at', '<', parameter('since')),
      )
      .returning('key'),
  )
}
