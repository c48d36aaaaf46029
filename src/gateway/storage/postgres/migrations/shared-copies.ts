import { sql, type Kysely } from 'kysely'
import { number, text } from './columns.ts'

/**
 * Counts the changes of what every node keeps in memory, and tells the nodes. These changes are rare, so the notice may
 * leave with their transaction.
 */
const statements = [
  `create table copy_versions (name ${text} primary key, version ${number} not null)`,
  `create function note_copy_change() returns trigger language plpgsql as $$
    begin
      insert into copy_versions (name, version) values (tg_argv[0], 1)
        on conflict (name) do update set version = copy_versions.version + 1;
      perform pg_notify('understudy', '{"copies":true}');
      return null;
    end $$`,
  `create trigger keys_changed after insert or update or delete on keys
    for each statement execute function note_copy_change('keys')`,
  // Uses of sessions are written all the time.
  `create trigger sessions_ended after update of ended_at on sessions
    for each statement execute function note_copy_change('sessions')`,
  `create trigger sessions_pushed_out after delete on sessions
    for each row when (old.ended_at is null) execute function note_copy_change('sessions')`,
  `create trigger pauses_changed after insert or update or delete on submission_pauses
    for each statement execute function note_copy_change('pauses')`,
  `create trigger hold_begun after insert or update on installation
    for each row when (new.name = 'held_since') execute function note_copy_change('hold')`,
  `create trigger hold_ended after delete on installation
    for each row when (old.name = 'held_since') execute function note_copy_change('hold')`,
]

export async function countSharedCopies(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}
