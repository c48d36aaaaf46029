import { sql, type Kysely } from 'kysely'
import { number, text } from './columns.ts'

/**
 * Which transaction was the last to be committed in each lane of writes. Every one of them changes its row, so few rows share a
 * page, and there is room for their next versions beside them.
 */
export async function createCommitMarks(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(
      `create table commit_marks (
        lane ${text} primary key,
        number ${number} not null,
        written_at timestamptz not null default now()
      ) with (fillfactor = 10)`,
    )
    .execute(db)
}
