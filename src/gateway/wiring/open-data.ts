import { dirname } from 'node:path'
import type { Config, Secrets } from '../config/settings.ts'
import { openDatabase } from '../storage/engine/database.ts'
import type { Database } from '../storage/engine/database.ts'
import { loadLocalSecrets } from './local-secrets.ts'
import type { LocalSecrets } from './local-secrets.ts'

export interface OpenedData {
  database: Database
  own: LocalSecrets
  file: string
}

/** The database that the configuration names, which is closed with what was opened, and what the installation made for itself. */
export async function openConfiguredDatabase(
  opened: AsyncDisposableStack,
  { storage }: Config,
  _secrets: Pick<Secrets, 'database'>,
): Promise<OpenedData> {
  if (storage.type === 'postgres') throw new Error('this build cannot open PostgreSQL yet. Use SQLite.')
  const own = await loadLocalSecrets(dirname(storage.file))
  return { database: opened.use(await openDatabase({ file: storage.file })), own, file: storage.file }
}
