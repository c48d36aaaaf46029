import { sql, type Kysely } from 'kysely'

/**
 * Whoever reserves under a limit holds the lock of the key, so one row of each key is theirs: it is changed in place, where a row
 * for each reservation would have to be summed up by the next one. Merges leave it alone, so nobody waits for it.
 */
export async function reserveInPlace(db: Kysely<unknown>): Promise<void> {
  await sql`alter table key_open add column reserved boolean default false not null`.execute(db)
  await sql`create unique index key_open_reserved on key_open (tenant, key) where reserved`.execute(db)
  // The versions of one transaction stay in their page, and are cleaned up there.
  await sql`alter table key_open set (fillfactor = 50)`.execute(db)
}
