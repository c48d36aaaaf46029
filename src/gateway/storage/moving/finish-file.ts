import { rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { openDatabase } from '../engine/database.ts'

/** Leaves one file of a database that nobody has open. */
export function finishFile(file: string): void {
  const copy = new DatabaseSync(file)
  try {
    copy.exec('pragma journal_mode = delete')
  } finally {
    copy.close()
  }
  for (const ending of ['-wal', '-shm', '.lock', '.lock-journal']) rmSync(`${file}${ending}`, { force: true })
}

/** Brings a copy of an embedded database to the schema of this release, and its running totals up to date. */
export async function completeCopy(file: string): Promise<void> {
  {
    await using database = await openDatabase({ file })
    while ((await database.totals.catchUp()) > 0);
  }
  finishFile(file)
}
