import { sql, type Kysely } from 'kysely'
import { number, text } from './columns.ts'

/** What each process says of itself every few seconds. Not logged, because it is true for seconds only. */
export async function createNodes(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(
      `create unlogged table nodes (
        id ${text} primary key,
        role ${text} not null,
        version ${text} not null,
        digest ${text} not null,
        address ${text},
        started_at ${number} not null,
        seen_at ${number} not null,
        clock_skew_ms ${number} not null
      )`,
    )
    .execute(db)
}

/** What nodes should be configured alike in; null of a release that does not tell. */
export async function addSharedDigests(db: Kysely<unknown>): Promise<void> {
  await sql.raw(`alter table nodes add column shared_digest ${text}`).execute(db)
}
