import type { KeyId, SessionId } from '../ids.ts'

/** A working day. A session is not prolonged by being used. */
export const sessionMs = 12 * 3600_000

/** Of one key. One more ends the one that was used least recently. */
export const mostSessions = 20

/** How long a ticket of a first start can be exchanged. */
export const ticketMs = 5 * 60_000

/** A use is stored again only after this time, so that a page full of pictures is one write. */
export const useEveryMs = 60_000

/** What a browser shows instead of a key. Instants are ms since the epoch. */
export interface Session {
  id: SessionId
  /** SHA-256 in hex. */
  tokenHash: string
  /** Which secret it was made with, in a form that says nothing about the secret. */
  lock: string
  keyId: KeyId
  tenant: string
  /** The name of the key. */
  key: string
  /** Where it was made: the address, and what the browser calls itself. */
  address: string
  userAgent: string | null
  createdAt: number
  expiresAt: number
  /** May be a minute old. */
  usedAt: number
  /** Null: not ended by anybody. It is kept until it would have expired, so that a late call is no guess. */
  endedAt: number | null
}

export function isSessionOpen({ endedAt, expiresAt }: Session, now: number): boolean {
  return endedAt === null && now < expiresAt
}
