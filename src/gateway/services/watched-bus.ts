import type { EventBus, LocalBus } from '../ports/event-bus.ts'
import type { Logger } from '../ports/logger.ts'
import type { ReadVersions } from '../ports/stored-versions.ts'

/** Delivery on a bus is best effort: who follows something is told at most so much later than it was stored. */
const lookEveryMs = 5000
const perStatement = 500

interface WatchedBus extends EventBus {
  stop(): void
}

interface Deps {
  bus: LocalBus
  readVersions: ReadVersions
  /** Of a database that this process has to itself; null where others may write to it. */
  commits: (() => number) | null
  logger: Logger
}

/**
 * Looks, for all followers together, at what is followed, and tells those of whom something has another version than at the
 * last look. Who is new is told once: the version of what they have read is not known here. Where nobody else writes and
 * nothing was committed since the last look, only what is new costs a statement.
 */
export function createWatchedBus({ bus, readVersions, commits, logger }: Deps): WatchedBus {
  /** By what was followed at the last look; null for what was gone. */
  let seen = new Map<string, number | null>()
  let seenAt: number | null = null
  let timer: NodeJS.Timeout | null = null
  let isStopped = false

  function lookLater(): void {
    if (isStopped) return
    timer ??= setTimeout(() => void look(), lookEveryMs).unref()
  }

  async function look(): Promise<void> {
    const followed = bus.followed()
    const before = seen
    seen = new Map()
    for (const id of followed) {
      const version = before.get(id)
      if (version !== undefined) seen.set(id, version)
    }
    try {
      await compare(followed)
    } catch (error) {
      seenAt = null
      logger.warn({ err: error }, 'failed to look for changes that nobody was told of; tried again later')
    }
    timer = null
    if (bus.followed().length > 0) lookLater()
  }

  async function compare(followed: readonly string[]): Promise<void> {
    const now = commits?.() ?? null
    const isUnchanged = now !== null && now === seenAt
    const asked = isUnchanged ? followed.filter((id) => !seen.has(id)) : followed
    for (let from = 0; from < asked.length; from += perStatement) {
      if (isStopped) return
      const ids = asked.slice(from, from + perStatement)
      const versions = await readVersions(ids)
      for (const id of ids) {
        const version = versions.get(id) ?? null
        if (seen.get(id) === version) continue
        seen.set(id, version)
        bus.tell(id)
      }
    }
    seenAt = now
  }

  return {
    publish: (id) => bus.publish(id),
    subscribe(id, listener) {
      lookLater()
      return bus.subscribe(id, listener)
    },
    stop() {
      isStopped = true
      if (timer !== null) clearTimeout(timer)
    },
  }
}
