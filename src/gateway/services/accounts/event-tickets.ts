import { z } from 'zod'
import type { Client } from '../../domain/accounts/client.ts'
import { eventTicketMs } from '../../domain/accounts/event-ticket.ts'
import { isKeyId } from '../../domain/ids.ts'
import type { KeyId } from '../../domain/ids.ts'
import type { Clock } from '../../ports/clock.ts'
import type { TokenSeal } from '../../ports/token-seal.ts'
import type { Keyring } from './authentication.ts'

/** `over`: one of this gateway that is not valid any more, or is for another stream. `unknown`: a guess. */
export type FoundTicket = { type: 'open'; client: Client } | { type: 'over' } | { type: 'unknown' }

/**
 * What opens one event stream in a browser, whose `EventSource` sends no headers: it stands in the address, so it is short-lived
 * and good for nothing else. Any node opens it, and more than once, because browsers reconnect to the same address.
 */
export interface EventTickets {
  /** `path`: of the stream, without a query. `expiresAt`: ms since the epoch. */
  issue(client: Client, path: string): { ticket: string; expiresAt: number }
  /** Who calls with it, as the key is now. */
  find(ticket: string, path: string): FoundTicket
}

/** Key id, path, expiry in milliseconds since the epoch. */
const payload = z.tuple([
  z.custom<KeyId>((given) => typeof given === 'string' && isKeyId(given)),
  z.string(),
  z.int(),
])

export function createEventTickets({
  seal,
  keyring,
  clock,
  noteUse,
}: {
  seal: TokenSeal
  keyring: Pick<Keyring, 'clientOf'>
  clock: Clock
  noteUse: (keyId: KeyId) => void
}): EventTickets {
  return {
    issue({ keyId }, path) {
      const expiresAt = clock.now() + eventTicketMs
      return { ticket: seal.close(JSON.stringify([keyId, path, expiresAt])), expiresAt }
    },
    find(ticket, path) {
      const parsed = payload.safeParse(seal.open(ticket))
      if (!parsed.success) return { type: 'unknown' }
      const [keyId, itsPath, expiresAt] = parsed.data
      const client = itsPath === path && clock.now() < expiresAt ? keyring.clientOf(keyId) : null
      if (client === null) return { type: 'over' }
      noteUse(keyId)
      return { type: 'open', client }
    },
  }
}
