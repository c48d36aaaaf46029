import { hash } from 'node:crypto'
import type { Logger } from 'pino'
import { fixedKeys } from '../configured.ts'
import { createKeyUseWriter } from './key-use-writer.ts'
import type { LocalSecrets } from '../local-secrets.ts'
import type { InForce, Reload, Settings } from '../reload.ts'
import type { AuditLog } from '../../ports/accounts/audit-log.ts'
import type { Clock, Ids } from '../../ports/clock.ts'
import type { SessionStore } from '../../ports/accounts/session-store.ts'
import type { KeyAuthority } from '../../ports/accounts/key-authority.ts'
import { auditEntry } from '../../services/accounts/audit-entry.ts'
import { createAuditService } from '../../services/accounts/audit-service.ts'
import type { AuditService } from '../../services/accounts/audit.ts'
import { createKeyring } from '../../services/accounts/authentication.ts'
import type { Keyring } from '../../services/accounts/authentication.ts'
import { createKeyService } from '../../services/accounts/keys/key-service.ts'
import type { KeyAdministration } from '../../services/accounts/keys/key-service.ts'
import { createKeyAuthority } from '../../services/accounts/key-authority.ts'
import type { Authenticate, IsValid } from '../../services/operations/operations.ts'
import type { OnceOnly } from '../../services/once-only.ts'
import { createNoteView } from '../../services/operations/view-audit.ts'
import { createTenantService } from '../../services/accounts/tenant-service.ts'
import type { TenantService } from '../../services/accounts/tenants.ts'
import { createSessionService } from '../../services/accounts/session-service.ts'
import type { SessionService } from '../../services/accounts/sessions.ts'
import { createEventTickets } from '../../services/accounts/event-tickets.ts'
import type { EventTickets } from '../../services/accounts/event-tickets.ts'
import { createSeal } from '../../media/archive/sealed-token.ts'
import { createTickets } from '../../services/accounts/tickets.ts'
import { createKeyUses } from '../../services/accounts/key-uses.ts'
import { createUnknownKeysWatch } from '../../services/accounts/unknown-keys.ts'
import type { Database } from '../../storage/engine/database.ts'
import { createKeyStore } from '../../storage/accounts/key-store.ts'
import { createKeyUseStore } from '../../storage/accounts/key-use-store.ts'
import { createTenantStore } from '../../storage/accounts/tenant-store.ts'
import { createReadKeyFigures } from '../../storage/ledger/read-key-figures.ts'

/** Who may call, and what is told of calls that are none of theirs. */
export interface Accounts {
  /** The key of an installation that configures none; null where there are others. */
  generatedKey: string | null
  keys: KeyAdministration
  tenants: TenantService
  audit: AuditService
  sessions: SessionService
  eventTickets: EventTickets
  /** What signs in once with the generated key; null where there is none. */
  issueTicket: () => string | null
  authenticate: Authenticate
  isValid: IsValid
  authority: KeyAuthority
  /** Stores when keys were last used; to be stopped after the last call. */
  useWriter: ReturnType<typeof createKeyUseWriter>
  keyring: Keyring
  onUnknownKeys: (address: string) => void
  /** Reads what other nodes changed. */
  readAgain: Record<'keys' | 'sessions', () => Promise<void>>
  /** From now on the keys of these settings are those of the configuration. */
  reload: (settings: Settings) => void
  /** Puts a reload into the audit log. */
  noted: (reload: Reload) => Reload
}

export async function createAccounts(parts: {
  settings: InForce
  own: LocalSecrets
  database: Database
  audit: AuditLog
  sessionStore: SessionStore
  onceOnly: OnceOnly
  ids: Ids
  clock: Clock
  logger: Logger
}): Promise<Accounts> {
  const { settings, own, database, audit: auditLog, sessionStore, clock, logger } = parts
  const generatedKey = settings.current.config.builtins.key ? own.gatewayKey : null
  const keysOf = ({ config, secrets }: Settings) => fixedKeys(config, secrets, generatedKey)
  let fixed = keysOf(settings.current)
  const keyring = createKeyring(fixed, clock, hash('sha256', `keyring ${own.linkSecret}`))
  const uses = createKeyUses({ uses: createKeyUseStore(database), clock })
  const shared = {
    ...parts,
    uses,
    store: createKeyStore(database),
    tenants: createTenantStore(database),
    figures: createReadKeyFigures(database),
    fixed: () => fixed,
    keyring,
    master: own.linkSecret,
  }
  const tickets = createTickets(clock)
  const sessions = createSessionService({ ...shared, sessions: sessionStore, tickets })
  const eventTickets = createEventTickets({
    ...shared,
    seal: createSeal(own.linkSecret, 'event-ticket'),
    noteUse: (keyId) => uses.note(keyId),
  })
  const specs = () => settings.current.config.upstreams.map(({ spec }) => spec)
  const keys = await createKeyService({ ...shared, specs })
  return {
    generatedKey,
    keyring,
    keys,
    readAgain: { keys: keys.readAgain, sessions: sessions.readAgain },
    tenants: createTenantService({ ...shared, noteView: createNoteView({ ...parts, audit: auditLog }) }),
    audit: createAuditService(auditLog),
    sessions: {
      ...sessions,
      async find(token) {
        const found = await sessions.find(token)
        if (found.type === 'open') uses.note(found.client.keyId)
        return found
      },
    },
    eventTickets,
    issueTicket: () => (generatedKey === null ? null : tickets.issue(keyring.placeOf(generatedKey))),
    useWriter: createKeyUseWriter({ uses, logger }),
    authenticate(token) {
      const client = keyring.authenticate(token)
      if (client !== null) uses.note(client.keyId)
      return client
    },
    isValid: (client) => keyring.isValid(client) && sessions.isOpen(client),
    authority: createKeyAuthority(shared),
    onUnknownKeys: createUnknownKeysWatch(shared),
    reload(next) {
      fixed = keysOf(next)
      keyring.replaceFixed(fixed)
    },
    noted: (reload) => noteReload(parts, reload),
  }
}

function noteReload(
  parts: { audit: AuditLog; ids: Ids; clock: Clock; logger: Logger },
  reload: Reload,
): Reload {
  if (reload.type === 'refused') return reload
  const { changes } = reload
  const entry = auditEntry(parts, {
    actor: null,
    action: 'configuration.reloaded',
    subject: null,
    data: { changes },
  })
  parts.audit.append(entry).catch((error: unknown) => {
    parts.logger.error({ err: error }, 'failed to record a reload in the audit log')
  })
  return reload
}
