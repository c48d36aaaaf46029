import type { Client } from '../../domain/accounts/client.ts'
import { movedText } from '../../domain/restore/moved-away.ts'
import type { MovedAway } from '../../domain/restore/moved-away.ts'
import { Problem } from '../../domain/problem.ts'
import type { Clock, Ids } from '../../ports/clock.ts'
import type { HoldStore } from '../../ports/operations/hold-store.ts'
import type { Logger } from '../../ports/logger.ts'
import { auditEntry } from '../accounts/audit-entry.ts'

/** What a restore holds looks again this often. */
export const restoreHeldMs = 5000

/** After a restore nothing is sent: the original may have sent it since. */
export interface Hold {
  /** Ms since the epoch; null when nothing is held. */
  since(): number | null
  /** Where the data went, as of the last look; null if they were not moved away. */
  moved(): MovedAway | null
  /** @throws Problem where the data were moved away. */
  expectHere(this: void): Promise<void>
  /** @throws Problem where the data were moved away. False when nothing was held. */
  release(client: Client): Promise<boolean>
  /** Reads what other nodes stored. */
  readAgain(this: void): Promise<void>
}

/** `restored`: this start is the first one from a copy that is not marked as one. */
export async function createHold(
  deps: { holds: HoldStore; clock: Clock; ids: Ids; logger: Logger },
  restored: boolean,
): Promise<Hold> {
  const { holds, clock, logger } = deps
  // A copy is as old as the last thing that it knows.
  if (restored) await holds.hold(Math.min(clock.now(), (await holds.lastEventAt()) ?? clock.now()))
  let since = await holds.heldSince()
  let moved = await holds.movedAway()
  if (moved !== null) logger.warn({ ...moved }, `nothing is sent to upstreams: ${movedText(moved)}`)
  else if (since !== null)
    logger.warn(
      { since: new Date(since).toISOString() },
      'restored from a backup: nothing is sent to upstreams until POST /operations/release',
    )
  async function expectHere(): Promise<void> {
    moved = await holds.movedAway()
    if (moved !== null) throw new Problem('conflict', movedText(moved))
  }
  return {
    since: () => since,
    moved: () => moved,
    expectHere,
    async release(client) {
      await expectHere()
      const released = await holds.release(
        auditEntry(deps, { actor: client, action: 'operations.released', subject: null }),
      )
      since = await holds.heldSince()
      return released
    },
    async readAgain() {
      since = await holds.heldSince()
      moved = await holds.movedAway()
    },
  }
}
