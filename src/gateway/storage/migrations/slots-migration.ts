import { sql, type Kysely } from 'kysely'

/**
 * Until when each attempt takes up a slot of its upstream: without an end, which is the last instant of a date, for those that
 * are open. Attempts that were abandoned before are not counted.
 */
export async function addSlots(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('attempts').addColumn('slot_until', 'bigint').execute()
  await sql`update attempts set slot_until = 8640000000000000
    where state in ('binding', 'submitting', 'unknown', 'running') and generation_id in
      (select id from generations where status in ('queued', 'in_progress'))`.execute(db)
}
