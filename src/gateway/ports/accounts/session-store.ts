import type { AuditEntry } from '../../domain/accounts/audit.ts'
import type { Session } from '../../domain/accounts/session.ts'
import type { KeyId, SessionId } from '../../domain/ids.ts'

/** One session, all of one key, or one session only if it is of this key. Null is for any. */
export interface SessionFilter {
  id: SessionId | null
  keyId: KeyId | null
}

export interface SessionStore {
  /** Of its key at most `most` are kept: those that ended go first, then those that were used least recently. Which went. */
  insert(session: Session, audit: AuditEntry, most: number): Promise<SessionId[]>
  /** Also one that has ended. */
  find(tokenHash: string): Promise<Session | null>
  /** A later use that is stored already stays. */
  noteUse(id: SessionId, at: number): Promise<void>
  /** Those that are open at `now`, newest first. `keyId` null: of all keys. */
  list(query: {
    keyId: KeyId | null
    now: number
    before: SessionId | null
    limit: number
  }): Promise<Session[]>
  /** Of these, those that are not open at `now`: ended, expired or gone. */
  over(ids: readonly SessionId[], now: number): Promise<SessionId[]>
  /** Ends those that are open at `at`, each with its entry of the audit log; which those were. */
  end(filter: SessionFilter, at: number, audit: (session: Session) => AuditEntry): Promise<SessionId[]>
  /** Removes at most `limit` that expired before `before`; how many. */
  prune(before: number, limit: number): Promise<number>
}
