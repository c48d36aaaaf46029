import { generationChange } from '../../domain/changes/change.ts'
import { isGenerationId } from '../../domain/ids.ts'
import type { ReadChanged } from '../../ports/generations/changed-generations.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Logger } from '../../ports/logger.ts'
import type { Notices } from '../../ports/notices.ts'
import type { ChangeFeed } from './change-feed.ts'

/** One read for all that other nodes changed meanwhile. A reader is told of a generation once a second at most anyway. */
const gatherMs = 100
const mostPerRead = 500
/** More than that is not read: readers are told to read again. */
const mostGathered = 5000

export interface ForeignChanges {
  /** This node stored a generation: what was read of it before is older. */
  own(id: string): void
  stop(): void
}

/** Brings what other nodes change into the feed: one read for many changes, and none where nobody reads the feed. */
export function followForeignChanges(deps: {
  notices: Pick<Notices, 'listen'>
  feed: Pick<ChangeFeed, 'offer' | 'skip' | 'isRead'>
  readChanged: ReadChanged
  clock: Clock
  logger: Logger
}): ForeignChanges {
  const { notices, feed, readChanged, clock, logger } = deps
  let gathered = new Set<string>()
  let timer: NodeJS.Timeout | null = null
  let isReading = false
  const own = new Set<string>()

  function changed(ids: readonly string[]): void {
    if (ids.every((id) => !isGenerationId(id))) return
    if (!feed.isRead()) return feed.skip()
    for (const id of ids) if (isGenerationId(id)) gathered.add(id)
    if (gathered.size > mostGathered) missed()
    readSoon()
  }

  function missed(): void {
    gathered = new Set()
    feed.skip()
  }

  function readSoon(): void {
    if (gathered.size === 0 || isReading) return
    timer ??= setTimeout(() => {
      timer = null
      void readGathered()
    }, gatherMs).unref()
  }

  async function readGathered(): Promise<void> {
    isReading = true
    const ids = [...gathered].slice(0, mostPerRead)
    for (const id of ids) gathered.delete(id)
    try {
      for (const { generation, at } of await readChanged(ids))
        if (!own.has(generation.id)) feed.offer(generationChange(generation, at))
    } catch (error) {
      logger.warn({ err: error }, 'failed to read what other nodes changed; readers are told to read again')
      feed.skip()
    }
    isReading = false
    own.clear()
    readSoon()
  }

  const unlisten = notices.listen({
    changed,
    removed(removals) {
      const at = clock.now()
      for (const { id, tenant } of removals)
        if (isGenerationId(id)) feed.offer({ type: 'generation.removed', at, id, tenant })
    },
    missed,
  })
  return {
    own(id) {
      if (isReading) own.add(id)
    },
    stop() {
      unlisten()
      if (timer !== null) clearTimeout(timer)
    },
  }
}
