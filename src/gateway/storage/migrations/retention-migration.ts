import { sql, SqliteAdapter, type Kysely } from 'kysely'

/** Indexes of what retention looks through, and its one exception from the rule that the audit log is only added to. */
export async function addRetention(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createIndex('generations_ended')
    .on('generations')
    .columns(['created_at', 'id'])
    .where(sql.ref('due_at'), 'is', null)
    .execute()
  await db.schema
    .createIndex('attempts_left')
    .on('attempts')
    .column('started_at')
    .where(
      sql<boolean>`generation_id is null and cost_state = 'settled' and state in ('succeeded', 'failed')`,
    )
    .execute()
  if (!(db.getExecutor().adapter instanceof SqliteAdapter)) return
  await sql`drop trigger audit_no_delete`.execute(db)
  // An entry goes only if the newest note of a removal, itself an entry, names a bound that lies behind it.
  await sql`create trigger audit_no_delete before delete on audit
    when old.at >= coalesce((
      select unixepoch(json_extract(note.data, '$.before')) * 1000 from audit note
      where note.action = 'audit.entries_removed' order by note.id desc limit 1), 0)
    begin select raise(abort, 'the audit log is only added to'); end`.execute(db)
}
