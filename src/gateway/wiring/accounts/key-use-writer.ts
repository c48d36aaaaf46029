import type { Logger } from '../../ports/logger.ts'
import type { KeyUses } from '../../services/accounts/key-uses.ts'
import { Janitor } from '../../workers/janitor.ts'

/** How much of the last uses of keys a crash may forget, and how often the row of a key is written at most. */
const everyMs = 60_000

/** Writes uses of keys once a minute, and what is left when it stops. */
export function createKeyUseWriter({ uses, logger }: { uses: KeyUses; logger: Logger }) {
  // Always nothing left to do: what is used meanwhile waits for the next minute.
  const task = async () => {
    await uses.flush()
    return 0
  }
  const janitor = new Janitor(task, logger, everyMs)
  return {
    start: () => janitor.start(),
    async stop(): Promise<void> {
      await janitor.stop()
      await task().catch((error: unknown) => {
        logger.error({ err: error }, 'failed to store when keys were last used')
      })
    },
  }
}
