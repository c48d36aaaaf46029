import type { Logger } from 'pino'
import type { createCore } from './core.ts'
import type { openStores } from './stores.ts'
import type { Clock } from '../ports/clock.ts'
import { systemClock } from '../process/system-clock.ts'
import { createFollowClock } from '../services/advance/follow-clock.ts'
import type { Bindings } from '../services/characters/bind-characters.ts'
import type { HistoryWatch } from '../services/restore/history-watch.ts'
import type { Hold } from '../services/restore/hold.ts'
import { createStoredInstants } from '../storage/stored-instants.ts'

/** What the workers do every second beside the generations. */
export function upkeepOf(
  parts: ReturnType<typeof openStores> & {
    history: HistoryWatch | null
    hold: Hold
    isShared: boolean
  } & Pick<ReturnType<typeof createCore>, 'runUpkeep'> & {
      clock: Clock
      monotonic?: () => number
      logger: Logger
    },
): () => Promise<number> {
  const { runUpkeep, clock, database, history, hold, isShared } = parts
  history?.onChecked(hold.readAgain)
  // A clock that a test holds is set by nobody unless the test says so.
  const { monotonic = clock === systemClock ? () => performance.now() : () => clock.now() } = parts
  const instants = createStoredInstants(database)
  // The clock of one node must not move what other nodes wait for, nor their leases.
  const followClock = createFollowClock({ ...parts, instants, monotonic })
  return async () => {
    await history?.check()
    if (!isShared) await followClock()
    return runUpkeep()
  }
}

/** Takes up what the process before this one left. */
export async function begin(
  { bindings, gate }: Pick<ReturnType<typeof createCore>, 'bindings' | 'gate'>,
  parts: Parameters<typeof recoverBindings>[1],
): Promise<void> {
  await recoverBindings(bindings, parts)
  await gate.start()
}

/**
 * Other nodes may be asking about bindings of a shared database: what a dead one left is taken over when its claim is over.
 * On a full disk this waits until the old claims expire after a few minutes, as after the crash of another process.
 */
async function recoverBindings(
  bindings: Bindings,
  { isShared, logger }: { isShared: boolean; logger: Logger },
): Promise<void> {
  const taken = bindings.assumeAccounts().then(() => (isShared ? undefined : bindings.recover()))
  await taken.catch((error: unknown) => {
    logger.warn(
      { err: error },
      'failed to take over the character bindings of the previous process; retrying',
    )
  })
}
