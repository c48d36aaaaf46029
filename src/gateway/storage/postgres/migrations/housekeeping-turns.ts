import { sql, type Kysely } from 'kysely'
import { text } from './columns.ts'

/** Which node does what one node does for all. Not logged: after a crash of the server, whoever asks first has the turn. */
export async function createHousekeepingTurns(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(
      `create unlogged table housekeeping_turns (
        work ${text} primary key,
        node ${text} not null,
        until double precision not null
      ) with (fillfactor = 50)`,
    )
    .execute(db)
}
