import { backup, DatabaseSync } from 'node:sqlite'

/**
 * Copies a database that may be in use, as of one instant, into a single file. The copy is marked as restored: a
 * gateway that starts from it sends nothing until an operator releases it. `at`: ms since the epoch.
 */
export async function backupDatabase(source: string, target: string, at: number): Promise<void> {
  const from = new DatabaseSync(source, { readOnly: true, timeout: 10_000 })
  try {
    // All pages in one step: an incremental copy restarts on every write and would never finish under load.
    await backup(from, target, { rate: 2 ** 30 })
  } finally {
    from.close()
  }
  const copy = new DatabaseSync(target)
  try {
    copy.exec('pragma journal_mode = delete')
    copy.exec('create table if not exists installation (name text primary key, value text not null)')
    const held = copy
      .prepare("insert into installation (name, value) values ('held_since', ?) on conflict do nothing")
      .run(String(at))
    // The findings of an earlier restore do not apply to this one.
    if (held.changes > 0) copy.exec("delete from installation where name like 'search:%'")
  } finally {
    copy.close()
  }
}
