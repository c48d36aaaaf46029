import type { Client, Origin } from '../../domain/accounts/client.ts'
import type { Session } from '../../domain/accounts/session.ts'
import type { SessionId } from '../../domain/ids.ts'

/** What the cookie of a call leads to. `over`: one that was there; `unknown`: a guess. */
export type FoundSession = { type: 'open'; client: Client } | { type: 'over' } | { type: 'unknown' }

/** A session with the client that calls in it. */
export interface SessionView {
  session: Session
  client: Client
}

/** The one time at which a token is seen. */
export interface OpenedSession extends SessionView {
  token: string
}

/** Sessions of browsers. A session does what its key may do, for as long as the secret that it was made with is valid. */
export interface SessionService {
  /** For the bearer of a valid secret. Ends the session that the key used least recently if it has too many. */
  open(client: Client, secret: string, userAgent: string | null): Promise<OpenedSession>
  /** For the bearer of a ticket, which is used up by it; null if there is no such ticket. */
  exchange(ticket: string, from: { origin: Origin; userAgent: string | null }): Promise<OpenedSession | null>
  /** Looks up the session and its key. Rejects if the store cannot be read. */
  find(token: string): Promise<FoundSession>
  /** Open ones, newest first: of the caller's key, or of all keys for who administers. */
  list(
    client: Client,
    page: { before: SessionId | null; limit: number },
  ): Promise<{ data: SessionView[]; hasMore: boolean }>
  /** Throws `not_found` for a session of another key, unless the caller administers. */
  end(client: Client, id: SessionId): Promise<void>
  /** All of the caller's key. */
  endAll(client: Client): Promise<void>
}
