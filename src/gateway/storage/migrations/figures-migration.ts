import { sql, type Kysely } from 'kysely'

/** What attempts may still cost, without reading those that are settled. */
export async function indexReserved(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createIndex('attempts_reserved')
    .on('attempts')
    .column('reserved_micros')
    .where(sql<boolean>`cost_state = 'reserved'`)
    .execute()
}
