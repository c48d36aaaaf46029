import { sql, type Kysely } from 'kysely'

/** As in migrations.ts. */
const number = 'bigint'
const text = 'text'

/**
 * What statistics of an upstream are made of: how long the parts of its attempts took, and how often its breakers opened. Of
 * attempts of before, creates that were accepted and ends are known; the parts are not.
 */
export async function addStatistics(db: Kysely<unknown>): Promise<void> {
  for (const column of ['submitted_at', 'queue_ms', 'render_ms', 'download_ms'])
    await db.schema.alterTable('attempts').addColumn(column, number).execute()
  await db.schema
    .createIndex('attempts_sent')
    .on('attempts')
    .columns(['upstream', sql`coalesce(submitted_at, accepted_at)`])
    .where(sql<boolean>`coalesce(submitted_at, accepted_at) is not null`)
    .execute()
  // Also those that have not ended, which are the ones in flight.
  await db.schema.createIndex('attempts_by_end').on('attempts').columns(['upstream', 'ended_at']).execute()
  await db.schema
    .createTable('breaker_openings')
    .addColumn('upstream', text, (column) => column.notNull())
    .addColumn('hour', number, (column) => column.notNull())
    .addColumn('operation', text, (column) => column.notNull())
    .addColumn('openings', number, (column) => column.notNull())
    .addPrimaryKeyConstraint('breaker_openings_pkey', ['upstream', 'hour', 'operation'])
    .execute()
}
