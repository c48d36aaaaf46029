import { sql, type Kysely } from 'kysely'
import { z } from 'zod'
import type { Generation } from '../../domain/generation/generation.ts'
import type { GenerationId } from '../../domain/ids.ts'
import type { ClientCreate, CreateRetry } from '../../ports/generations/idempotency-store.ts'
import { prepareQuery } from '../engine/prepared-query.ts'
import type { Schema } from '../schema.ts'
import type { RecentCreatesTable } from '../tables/call-tables.ts'

const foundRow = z.object({ generation_id: z.templateLiteral(['gen_', z.string()]) })

/** Remembers a create whose client may retry it automatically, in the transaction that accepts it. */
export function prepareRememberCreate(queries: Kysely<Schema>) {
  const insert = prepareQuery<RecentCreatesTable>((parameter) =>
    queries.insertInto('recent_creates').values({
      generation_id: parameter('generation_id'),
      tenant: parameter('tenant'),
      key: parameter('key'),
      path: parameter('path'),
      request_hash: parameter('request_hash'),
      created_at: parameter('created_at'),
      answered_retry: parameter('answered_retry'),
    }),
  )
  return (
    transaction: Kysely<Schema>,
    { id, tenant, key, createdAt }: Generation,
    { path, requestHash }: ClientCreate,
  ): Promise<unknown> =>
    insert(transaction, {
      generation_id: id,
      tenant,
      key,
      path,
      request_hash: requestHash,
      created_at: createdAt,
      answered_retry: 0,
    })
}

/** Finds the latest create that this retry can repeat and marks it as answered; null if there is none. */
export async function takeRetriedCreate(
  transaction: Kysely<Schema>,
  { tenant, key, path, requestHash, since, retry }: CreateRetry,
): Promise<GenerationId | null> {
  const row = await transaction
    .updateTable('recent_creates')
    .set({ answered_retry: retry })
    .where('generation_id', '=', (latest) =>
      latest
        .selectFrom('recent_creates')
        .select('generation_id')
        .where('tenant', '=', tenant)
        .where('key', '=', key)
        .where('path', '=', path)
        .where('request_hash', '=', requestHash)
        .where('created_at', '>=', since)
        .where('answered_retry', '<', retry)
        .orderBy('created_at', 'desc')
        .orderBy('generation_id', 'desc')
        .limit(1),
    )
    .returning('generation_id')
    .executeTakeFirst()
  return row === undefined ? null : foundRow.parse(row).generation_id
}

/** Deletes at most `limit` creates older than an instant; how many. */
export async function pruneRecentCreates(
  transaction: Kysely<Schema>,
  before: number,
  limit: number,
): Promise<number> {
  const { numAffectedRows = 0n } = await sql`delete from recent_creates where generation_id in (
    select generation_id from recent_creates where created_at < ${before} order by created_at limit ${limit}
  )`.execute(transaction)
  return Number(numAffectedRows)
}
