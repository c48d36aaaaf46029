import { inputMediaOf } from '../../domain/generation/request.ts'
import { removalsDue, retentionBound } from '../../domain/generation/retention.ts'
import type { Retention } from '../../domain/generation/retention.ts'
import type { Clock, Ids } from '../../ports/clock.ts'
import type { GenerationStore } from '../../ports/generations/generation-store.ts'
import type { Logger } from '../../ports/logger.ts'
import type { MediaArchive } from '../../ports/media/media-archive.ts'
import type { EndedGeneration, PassPlace, RetentionStore } from '../../ports/generations/retention-store.ts'
import { auditEntry } from '../accounts/audit-entry.ts'

/** About 5 ms of work between two turns of the event loop. */
const generationsPerRun = 50
const rowsPerRun = 100
const dayMs = 24 * 3600_000
/** Generations with open work during one pass are checked again by a later one. */
const passEveryMs = dayMs

export interface RetentionDeps {
  store: Pick<GenerationStore, 'get'>
  retained: RetentionStore
  archive: Pick<MediaArchive, 'remove'>
  clock: Clock
  ids: Ids
  logger: Logger
  /** As it is configured now. */
  retention: () => Retention
}

type Counts = Record<Exclude<keyof Retention, 'exchanges'>, number>

/** Removes, a few records at a time, what was kept as long as it is configured to be. A run answers how much it looked at. */
export function createRetention(deps: RetentionDeps): () => Promise<number> {
  const { retained, clock, logger } = deps
  let counts = noCounts()
  let place: PassPlace | null = null
  let startedAt = clock.now()

  async function pass(retention: Retention, now: number): Promise<number> {
    const bound = retentionBound(retention, now)
    if (bound === null) return 0
    if (now - startedAt >= passEveryMs) {
      place = null
      startedAt = now
    }
    const ended = await retained.endedBefore(bound, place, generationsPerRun)
    for (const each of ended) {
      await removeParts(deps, each, now, counts)
      place = { id: each.id, createdAt: each.createdAt }
    }
    return ended.length
  }

  return async () => {
    const now = clock.now()
    const retention = deps.retention()
    const looked = await pass(retention, now)
    const attempts =
      retention.attempts === null ? 0 : await retained.removeAttempts(now - retention.attempts, rowsPerRun)
    const audit = retention.audit === null ? 0 : await removeAudit(deps, now, retention.audit)
    counts.attempts += attempts
    counts.audit += audit
    const done = looked + attempts + audit
    if (done === 0 && Object.values(counts).some((count) => count > 0)) {
      logger.info({ removed: counts }, 'removed expired records')
      counts = noCounts()
    }
    return done
  }
}

/** Files first: if the process dies in between, the record still names them, and the next pass finds it. */
async function removeParts(
  { store, retained, archive, logger, retention }: RetentionDeps,
  ended: EndedGeneration,
  now: number,
  counts: Counts,
): Promise<void> {
  const due = removalsDue(ended, retention(), now)
  const { id } = ended
  if (due.generation || due.references) {
    const generation = (await store.get(id))?.generation
    if (generation === undefined) return
    const inputs = inputMediaOf(generation.request)
    const video = due.generation && generation.video !== null ? [generation.video.mediaId] : []
    try {
      for (const mediaId of [...inputs, ...video]) await archive.remove(mediaId)
    } catch (error) {
      logger.warn(
        { err: error, generation: id },
        'failed to remove files; keeping their records and retrying later',
      )
      return
    }
    if (due.references) counts.references += inputs.length
  }
  if (due.generation && (await retained.removeEnded(id))) counts.generations++
  if (due.events && ended.hasEvents) {
    await retained.removeEvents(id)
    counts.events++
  }
  if (due.deliveries && ended.hasDeliveries) {
    await retained.removeDeliveries(id)
    counts.deliveries++
  }
}

/** Up to the beginning of a day, so that one note in the log names what goes within a day. */
function removeAudit(deps: RetentionDeps, now: number, keptMs: number): Promise<number> {
  const before = Math.floor((now - keptMs) / dayMs) * dayMs
  const note = auditEntry(deps, { actor: null, action: 'audit.entries_removed', subject: null })
  return deps.retained.removeAudit(before, note, rowsPerRun)
}

function noCounts(): Counts {
  return { generations: 0, references: 0, events: 0, deliveries: 0, attempts: 0, audit: 0 }
}
