import type { Logger } from 'pino'
import type { Config, Secrets } from './config/settings.ts'
import { fixedKeys } from './configured.ts'
import type { AuditLog } from './ports/audit-log.ts'
import type { Clock, Ids } from './ports/clock.ts'
import { createAuditService } from './services/audit-service.ts'
import type { AuditService } from './services/audit-service.ts'
import { createKeyring } from './services/authentication.ts'
import { createKeyService } from './services/key-service.ts'
import type { KeyAdministration } from './services/key-service.ts'
import type { Authenticate } from './services/operations.ts'
import { createUnknownKeysWatch } from './services/unknown-keys.ts'
import type { Database } from './storage/database.ts'
import { createKeyStore } from './storage/key-store.ts'

/** Who may call, and what is told of calls that are none of theirs. */
export interface Accounts {
  keys: KeyAdministration
  audit: AuditService
  authenticate: Authenticate
  onUnknownKeys: (address: string) => void
}

export async function createAccounts(parts: {
  config: Config
  secrets: Secrets
  /** The key of an installation that configures none. */
  generatedKey: string | null
  database: Database
  audit: AuditLog
  ids: Ids
  clock: Clock
  logger: Logger
}): Promise<Accounts> {
  const { config, secrets, generatedKey, database, audit: auditLog, clock } = parts
  const fixed = fixedKeys(config, secrets, generatedKey)
  const keyring = createKeyring(fixed, clock)
  const shared = { ...parts, store: createKeyStore(database), fixed, keyring }
  const specs = () => config.upstreams.map(({ spec }) => spec)
  return {
    keys: await createKeyService({ ...shared, specs }),
    audit: createAuditService(auditLog),
    authenticate: keyring.authenticate,
    onUnknownKeys: createUnknownKeysWatch(shared),
  }
}
