import type { Transaction } from 'kysely'
import { openDatabase } from '../engine/database.ts'
import type { Schema } from '../schema.ts'
import { checkCopy, factsOfCopy, fillCopy, openCopy, tablesOf } from './copy-file.ts'
import { differing } from './differing.ts'
import { holdCopy } from '../engine/backup-database.ts'
import type { TableFacts } from './rows.ts'
import { onSnapshot, rowsOnServer, type Queries } from './server-session.ts'
import { finishFile } from './finish-file.ts'

/**
 * Writes the rows of a server as of one instant to a new SQLite file at the schema of this release, in batches, and reads the file
 * again to compare. The copy is marked as one, so that a gateway that starts from it holds its work. `at`: ms since the epoch.
 */
export async function exportServer(queries: Queries, file: string, at: number): Promise<TableFacts[]> {
  const empty = await openDatabase({ file })
  await empty.close()
  const written = await onSnapshot(queries, (snapshot: Transaction<Schema>) =>
    fillCopy(file, (table) => rowsOnServer(snapshot, table)),
  )
  finishFile(file)
  const copy = openCopy(file)
  try {
    checkCopy(copy)
    const read = factsOfCopy(copy, tablesOf(copy))
    const wrong = differing(written, read)
    if (wrong.length > 0)
      throw new Error(`What was written to ${wrong.join(', ')} cannot be read again. Check the disk.`)
  } finally {
    copy.close()
  }
  holdCopy(file, at)
  return written
}
