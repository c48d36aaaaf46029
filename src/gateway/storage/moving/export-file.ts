import { existsSync } from 'node:fs'
import { backupDatabase } from '../engine/backup-database.ts'
import { checkCopy, openCopy } from './copy-file.ts'
import { completeCopy } from './finish-file.ts'

/**
 * Copies an embedded database as of one instant, and brings the copy to the schema of this release. It is marked as a copy. `at`:
 * ms since the epoch.
 */
export async function exportFile(source: string, target: string, at: number): Promise<void> {
  if (!existsSync(source)) throw new Error(`${source} does not exist. Check storage.url.`)
  await backupDatabase(source, target, at)
  await completeCopy(target)
  using copy = openCopy(target)
  checkCopy(copy)
}
