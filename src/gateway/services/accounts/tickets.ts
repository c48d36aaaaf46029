import { randomBytes, timingSafeEqual } from 'node:crypto'
import { ticketMs } from '../../domain/accounts/session.ts'
import type { Clock } from '../../ports/clock.ts'
import { hashOf } from './key-secret.ts'

/** What signs in once, for a person who sees the terminal in which the gateway was started. Kept in memory, as a hash. */
export interface Tickets {
  /** For the secret at `lock`. Replaces the ticket before it. */
  issue(lock: string): string
  /** The lock of a valid ticket, which is used up by it; null for any other text. */
  take(ticket: string): string | null
}

export function createTickets(clock: Clock): Tickets {
  let open: { hash: Buffer; lock: string; validUntil: number } | null = null
  return {
    issue(lock) {
      const ticket = randomBytes(32).toString('base64url')
      open = { hash: Buffer.from(hashOf(ticket)), lock, validUntil: clock.now() + ticketMs }
      return ticket
    },
    take(ticket) {
      if (open === null || !timingSafeEqual(Buffer.from(hashOf(ticket)), open.hash)) return null
      const { lock, validUntil } = open
      open = null
      return clock.now() < validUntil ? lock : null
    },
  }
}
