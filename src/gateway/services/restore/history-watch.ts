import type { Clock } from '../../ports/clock.ts'
import type { GenerationStorage } from '../../ports/generations/generation-storage.ts'
import type { Logger } from '../../ports/logger.ts'
import type { HistoryStore } from '../../ports/operations/history-store.ts'

/** Whether commits wait for a standby is looked at this often; a promotion is noticed at once. */
const everyMs = 1000

/** Notices that the database became another one: a standby that was promoted, or a copy. */
export interface HistoryWatch {
  /** A connection was opened, which may be to another server than before. */
  connected(this: void): void
  /** Compares, if a connection was opened since. Rejects while it cannot. */
  check(this: void): Promise<void>
  /** Calls this after each comparison: this node or another one may have held what was not sent. */
  onChecked(listener: () => Promise<void>): void
}

export function createHistoryWatch(deps: {
  store: HistoryStore
  clock: Clock
  logger: Logger
  /** Whether to warn where no commit waits for a standby. */
  expectsStandby: boolean
}): HistoryWatch {
  const { store, clock, logger } = deps
  let isStale = true
  let checkedAt = -Infinity
  let warned = !deps.expectsStandby
  let checking: Promise<void> | null = null
  let onChecked: (() => Promise<void>) | null = null

  async function compare(): Promise<void> {
    isStale = false
    try {
      const { verdict, history } = await store.compare(clock.now())
      checkedAt = clock.now()
      if (verdict === 'held')
        logger.error(
          { timeline: history.timeline },
          'the database was promoted or copied and may lack commits; nothing is sent until POST /operations/release',
        )
      if (verdict === 'continued')
        logger.warn(
          { timeline: history.timeline },
          'a synchronous standby was promoted; no commit is missing',
        )
      if (!history.synchronous && !warned)
        logger.warn(
          { timeline: history.timeline },
          'no commit waits for a standby: what was committed last is lost with the database server; see docs/SCALE.md',
        )
      warned ||= !history.synchronous
      await onChecked?.()
    } catch (error) {
      isStale = true
      throw error
    }
  }

  return {
    connected: () => void (isStale = true),
    onChecked: (listener) => void (onChecked = listener),
    async check() {
      if (checking === null && !isStale && clock.now() - checkedAt < everyMs) return
      checking ??= compare().finally(() => (checking = null))
      await checking
    },
  }
}

/** Hands out nothing that was claimed from a server whose history was not looked at. */
export function watchedClaims(store: GenerationStorage, { check }: HistoryWatch): GenerationStorage {
  return {
    ...store,
    async claimDue(query) {
      await check()
      const claimed = await store.claimDue(query)
      await check()
      return claimed
    },
  }
}
