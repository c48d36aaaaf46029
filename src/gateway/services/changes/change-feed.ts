import { generationChange } from '../../domain/changes/change.ts'
import type { Change, GenerationChange, GenerationRemoval } from '../../domain/changes/change.ts'
import { createPace } from '../../domain/changes/pace.ts'
import { createRecentChanges } from '../../domain/changes/recent-changes.ts'
import type { ChangesAfter, Numbering } from '../../domain/changes/recent-changes.ts'
import type { Clock } from '../../ports/clock.ts'
import type { StoreListener } from '../generations/told-store.ts'

/** Changes of everything, gathered once for all readers: no reader costs a query. */
export interface ChangeFeed extends StoreListener {
  publish(key: string, change: Change): void
  /** A generation as another node stored or removed it. */
  offer(change: GenerationChange | GenerationRemoval): void
  /** Changes were missed: whoever has read up to here is told to read again. */
  skip(): void
  /** Whether there is a reader, or was one within the last minute, who may come back for what followed. */
  isRead(): boolean
  head(): number
  after(seq: number, limit: number): ChangesAfter<Change>
  /** Calls `listener` some ms after changes; returns a function that stops it. */
  listen(listener: () => void): () => void
}

/** At most one change per generation in this time. */
const intervalMs = 1000
/** Some ten seconds of 1,000 changes a second. */
const kept = 10_000
/** Readers are woken at most this often, so that many changes at once are one write for each of them. */
const gatherMs = 25
const comesBackMs = 60_000

/** `monotonic`: ms of a clock that is never set back. */
export function createChangeFeed(
  { clock, numbering }: { clock: Clock; numbering?: Numbering | undefined },
  monotonic: () => number = () => performance.now(),
): ChangeFeed {
  const recent = createRecentChanges<Change>(clock.now(), kept, numbering)
  const pace = createPace<GenerationChange | GenerationRemoval>(intervalMs)
  const listeners = new Set<() => void>()
  let pacing: NodeJS.Timeout | null = null
  let waking: NodeJS.Timeout | null = null
  let leftAt = -Infinity

  function publish(key: string, change: Change): void {
    recent.add(key, change, clock.now())
    wakeSoon()
  }

  function wakeSoon(): void {
    if (listeners.size === 0) return
    waking ??= setTimeout(() => {
      waking = null
      for (const listener of listeners) listener()
    }, gatherMs).unref()
  }

  function offer(change: GenerationChange | GenerationRemoval): void {
    if (pace.offer(change.id, change, monotonic())) publish(change.id, change)
    schedule()
  }

  function schedule(): void {
    const at = pace.nextAt()
    if (at === null) return
    pacing ??= setTimeout(
      () => {
        pacing = null
        for (const change of pace.due(monotonic())) publish(change.id, change)
        schedule()
      },
      Math.max(gatherMs, at - monotonic()),
    ).unref()
  }

  return {
    stored(generation, entries) {
      const last = entries.at(-1)
      if (last !== undefined) offer(generationChange(generation, last.at))
    },
    removed(id, audit) {
      const tenant = audit?.tenant ?? null
      if (tenant !== null) offer({ type: 'generation.removed', at: clock.now(), id, tenant })
    },
    publish,
    offer,
    skip() {
      recent.skip(clock.now())
      wakeSoon()
    },
    isRead: () => listeners.size > 0 || monotonic() - leftAt < comesBackMs,
    head: () => recent.head(),
    after: (seq, limit) => recent.after(seq, limit),
    listen(listener) {
      // Wrapped in a new function, so that the same listener can listen twice.
      const told = () => listener()
      listeners.add(told)
      return () => {
        listeners.delete(told)
        leftAt = monotonic()
      }
    },
  }
}
