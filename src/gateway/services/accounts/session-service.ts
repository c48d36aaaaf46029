import { randomBytes } from 'node:crypto'
import type { Client } from '../../domain/accounts/client.ts'
import { isSessionOpen, mostSessions, sessionMs, useEveryMs } from '../../domain/accounts/session.ts'
import type { Session } from '../../domain/accounts/session.ts'
import type { AuditLog } from '../../ports/accounts/audit-log.ts'
import type { SessionFilter, SessionStore } from '../../ports/accounts/session-store.ts'
import type { Clock, Ids } from '../../ports/clock.ts'
import type { Logger } from '../../ports/logger.ts'
import { notFound } from '../webhooks/no-such.ts'
import { auditEntry } from './audit-entry.ts'
import type { Keyring } from './authentication.ts'
import { createOpenSessions } from './open-sessions.ts'
import type { OpenSessions } from './open-sessions.ts'
import { hashOf } from './key-secret.ts'
import type { SessionService, SessionView } from './sessions.ts'
import type { Tickets } from './tickets.ts'

const longestUserAgent = 256

export interface SessionServiceDeps {
  sessions: SessionStore
  keyring: Pick<Keyring, 'placeOf' | 'at'>
  tickets: Tickets
  audit: AuditLog
  ids: Ids
  clock: Clock
  logger: Logger
}

export interface SessionAdministration extends SessionService, Pick<OpenSessions, 'isOpen' | 'readAgain'> {}

export function createSessionService(deps: SessionServiceDeps): SessionAdministration {
  const { sessions, keyring, tickets, ids, clock, logger } = deps
  const open = createOpenSessions(deps)

  async function start(client: Client, lock: string, userAgent: string | null) {
    const token = randomBytes(32).toString('base64url')
    const now = clock.now()
    const session: Session = {
      id: ids.session(),
      tokenHash: hashOf(token),
      lock,
      keyId: client.keyId,
      tenant: client.tenant,
      key: client.key,
      address: client.origin?.address ?? '',
      userAgent: userAgent?.slice(0, longestUserAgent) ?? null,
      createdAt: now,
      expiresAt: now + sessionMs,
      usedAt: now,
      endedAt: null,
    }
    const audit = auditEntry(deps, { actor: client, action: 'session.created', subject: session.id })
    open.end(await sessions.insert(session, audit, mostSessions))
    open.use(session.id)
    return { session, client: { ...client, session }, token }
  }

  function noteUse({ id, usedAt }: Session, now: number): void {
    if (now - usedAt < useEveryMs) return
    sessions.noteUse(id, now).catch((error: unknown) => {
      logger.error({ err: error }, 'failed to store when a session was last used')
    })
  }

  async function end(client: Client, filter: SessionFilter): Promise<number> {
    const gone = await sessions.end(filter, clock.now(), ({ id, key }) =>
      auditEntry(deps, { actor: client, action: 'session.ended', subject: id, data: { key } }),
    )
    open.end(gone)
    return gone.length
  }

  return {
    open: (client, secret, userAgent) => start(client, keyring.placeOf(secret), userAgent),
    async exchange(ticket, { origin, userAgent }) {
      const lock = tickets.take(ticket)
      const client = lock === null ? null : keyring.at(lock)
      if (lock === null || client === null) return null
      return start({ ...client, origin }, lock, userAgent)
    },
    async find(token) {
      const session = await sessions.find(hashOf(token))
      if (session === null) return { type: 'unknown' }
      const now = clock.now()
      const client = isSessionOpen(session, now) ? keyring.at(session.lock) : null
      if (client === null) return { type: 'over' }
      open.use(session.id)
      noteUse(session, now)
      return { type: 'open', client: { ...client, session } }
    },
    async list(client, { before, limit }) {
      const keyId = administers(client) ? null : client.keyId
      const rows = await sessions.list({ keyId, now: clock.now(), before, limit: limit + 1 })
      const data = rows.slice(0, limit).flatMap((session): SessionView[] => {
        const of = keyring.at(session.lock)
        return of === null ? [] : [{ session, client: of }]
      })
      return { data, hasMore: rows.length > limit }
    },
    async end(client, id) {
      const keyId = administers(client) ? null : client.keyId
      if ((await end(client, { id, keyId })) === 0) throw notFound('session')
    },
    async endAll(client) {
      await end(client, { id: null, keyId: client.keyId })
    },
    isOpen: open.isOpen,
    readAgain: open.readAgain,
  }
}

function administers({ scopes }: Client): boolean {
  return scopes.includes('admin')
}
