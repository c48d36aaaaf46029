import type { Logger } from 'pino'
import type { Config, Secrets } from './config/settings.ts'
import { fixedKeys } from './configured.ts'
import type { Clock } from './ports/clock.ts'
import { createKeyring } from './services/authentication.ts'
import { makeFirstAdmin } from './services/first-admin.ts'
import { createKeyService } from './services/key-service.ts'
import type { KeyService } from './services/keys.ts'
import type { Authenticate } from './services/operations.ts'
import { createUnknownKeysWatch } from './services/unknown-keys.ts'
import { createAuditLog } from './storage/audit-log.ts'
import type { Database } from './storage/database.ts'
import { createKeyStore } from './storage/key-store.ts'
import { createIds } from './system.ts'

/** Who may call, and what is told of calls that are none of theirs. */
export interface Accounts {
  keys: KeyService
  authenticate: Authenticate
  onUnknownKeys: (address: string) => void
  /** The key that administers, at the one start that made it; null else. */
  adminKey: string | null
}

export async function createAccounts(parts: {
  config: Config
  secrets: Secrets
  /** The key of an installation that configures none. */
  generatedKey: string | null
  database: Database
  clock: Clock
  logger: Logger
}): Promise<Accounts> {
  const { config, secrets, generatedKey, database, clock } = parts
  const fixed = fixedKeys(config, secrets, generatedKey)
  const keyring = createKeyring(fixed, clock)
  const shared = { ...parts, ids: createIds(clock), store: createKeyStore(database), fixed, keyring }
  // Nobody calls a process that only works.
  const adminKey = config.server.role === 'worker' ? null : await makeFirstAdmin(shared)
  const specs = () => config.upstreams.map(({ spec }) => spec)
  return {
    keys: await createKeyService({ ...shared, specs }),
    authenticate: keyring.authenticate,
    onUnknownKeys: createUnknownKeysWatch({ ...shared, audit: createAuditLog(database) }),
    adminKey,
  }
}
