import type { Client } from '../../domain/accounts/client.ts'
import { sessionMs } from '../../domain/accounts/session.ts'
import type { SessionId } from '../../domain/ids.ts'
import type { SessionStore } from '../../ports/accounts/session-store.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Keyring } from './authentication.ts'

/** Which sessions are over, for calls that began while they were open. */
export interface OpenSessions {
  /** Whether the session of a client that stays connected is still open; true without a session. */
  isOpen(this: void, client: Client): boolean
  /** Learns which sessions other nodes ended. */
  readAgain(this: void): Promise<void>
  /** A call of this session was let in. */
  use(id: SessionId): void
  /** These ended before their time. */
  end(ids: readonly SessionId[]): void
}

export function createOpenSessions(deps: {
  sessions: Pick<SessionStore, 'over'>
  keyring: Pick<Keyring, 'at'>
  clock: Clock
}): OpenSessions {
  const { sessions, keyring, clock } = deps
  const ended = createUntilExpiry(clock)
  const used = createUntilExpiry(clock)
  return {
    isOpen({ session }) {
      if (session === undefined) return true
      return clock.now() < session.expiresAt && !ended.has(session.id) && keyring.at(session.lock) !== null
    },
    async readAgain() {
      ended.add(await sessions.over(used.all(), clock.now()))
    },
    use: (id) => used.add([id]),
    end: (ids) => ended.add(ids),
  }
}

/** Sessions, each until it would have expired. */
function createUntilExpiry(clock: Clock) {
  const until = new Map<SessionId, number>()
  return {
    has: (id: SessionId) => until.has(id),
    all: () => [...until.keys()],
    add(ids: readonly SessionId[]) {
      const now = clock.now()
      // They are in the order of their instants, as all sessions are equally long.
      for (const [id, at] of until) {
        if (at > now) break
        until.delete(id)
      }
      for (const id of ids) if (!until.has(id)) until.set(id, now + sessionMs)
    },
  }
}
