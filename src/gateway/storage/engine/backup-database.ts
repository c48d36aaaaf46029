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
  holdCopy(target, at)
}

/** Marks a copy as restored. One that was held already stays as it is. `at`: ms since the epoch. */
export function holdCopy(file: string, at: number): void {
  const copy = new DatabaseSync(file)
  try {
    copy.exec('pragma journal_mode = delete')
    copy.exec('create table if not exists installation (name text primary key, value text not null)')
    const held = copy
      .prepare("insert into installation (name, value) values ('held_since', ?) on conflict do nothing")
      .run(String(at))
    // What moved away, and what was imported, is said of the original.
    copy.exec("delete from installation where name in ('moved', 'import')")
    // The findings of an earlier restore do not apply to this one.
    if (held.changes > 0) copy.exec("delete from installation where name like 'search:%'")
  } finally {
    copy.close()
  }
}
