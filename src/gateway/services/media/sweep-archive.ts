import { setImmediate as nextTurn } from 'node:timers/promises'
import type { CharacterId, MediaId } from '../../domain/ids.ts'
import type { ArchiveListing } from '../../ports/media/archive-listing.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Logger } from '../../ports/logger.ts'
import type { MediaArchive } from '../../ports/media/media-archive.ts'
import type { MediaReferences } from '../../ports/media/media-references.ts'
import type { Upstream } from '../../ports/upstream.ts'
import { cutIdOf } from '../characters/character-sources.ts'
import type { Hold } from '../restore/hold.ts'

/** Longer than any call takes from storing a file to storing the record that names it. */
const minAgeMs = 3600_000
/** No upload takes this long, whatever the clock of the storage says. */
const uploadAgeMs = 24 * 3600_000
const passEveryMs = 24 * 3600_000
const firstPassAfterMs = 5 * 60_000
/** About 2 MB of ids; each run reads every record once. */
const idsPerRun = 20_000
/** Some 2 ms of hashing between two turns of the event loop. */
const charactersPerTurn = 50

export interface SweepDeps {
  listing: ArchiveListing
  references: MediaReferences
  archive: Pick<MediaArchive, 'remove'>
  directory: { all(): ReadonlyArray<Pick<Upstream, 'spec'>> }
  hold: Pick<Hold, 'since'>
  clock: Clock
  logger: Logger
}

/**
 * Removes files that no record names: what a kill left between a file and its record, or of an upload. A run answers how many parts of the archive
 * its pass has left.
 */
export function createSweep(deps: SweepDeps): (signal: AbortSignal) => Promise<number> {
  const { listing, references, hold, clock, logger } = deps
  let parts: string[] = []
  let nextPassAt = clock.now() + firstPassAfterMs
  let removed = 0

  /** Listed before the records are read, so that a record that came before its file's hour was over is seen. */
  async function oldMedia(now: number): Promise<MediaId[]> {
    const found: MediaId[] = []
    const from = await references.beganAt()
    while (found.length < idsPerRun) {
      const part = parts.pop()
      if (part === undefined) break
      for (const { id, changedAt } of await listing.mediaIn(part)) {
        // What lay there before this database may belong to another one.
        if (changedAt >= from && changedAt < now - minAgeMs) found.push(id)
      }
    }
    return found
  }

  return async (signal) => {
    const now = clock.now()
    // A restored database does not know what the original archived since; an operator may still choose another copy.
    if (hold.since() !== null) return 0
    if (parts.length === 0) {
      if (now < nextPassAt) return 0
      nextPassAt = now + passEveryMs
      removed += await listing.abandonUploads(now - uploadAgeMs)
      parts = await listing.parts()
    }
    const old = await oldMedia(now)
    const unnamed = old.length === 0 ? [] : await references.unnamed(old, signal)
    removed += await removeAll(deps, await withoutCuts(deps, unnamed), signal)
    if (parts.length === 0 && removed > 0) {
      logger.info({ removed }, 'removed unreferenced files from the archive')
      removed = 0
    }
    return parts.length
  }
}

/** Without the parts of clips that were cut for an upstream, which are found by their derived ids. */
async function withoutCuts(
  { references, directory }: SweepDeps,
  unnamed: readonly MediaId[],
): Promise<Set<MediaId>> {
  const left = new Set(unnamed)
  let after: CharacterId | null = null
  while (left.size > 0) {
    const page = await references.clipsAfter(after, charactersPerTurn)
    const last = page.at(-1)
    if (last === undefined) break
    for (const { clip } of page) {
      if (clip === null) continue
      for (const { spec } of directory.all()) left.delete(cutIdOf(spec, clip))
    }
    after = last.character
    await nextTurn()
  }
  return left
}

async function removeAll(
  { archive, logger }: SweepDeps,
  orphans: Iterable<MediaId>,
  signal: AbortSignal,
): Promise<number> {
  let removed = 0
  for (const id of orphans) {
    if (signal.aborted) break
    try {
      await archive.remove(id)
      removed++
    } catch (error) {
      logger.warn({ err: error, media: id }, 'failed to remove an unreferenced file')
    }
  }
  return removed
}
