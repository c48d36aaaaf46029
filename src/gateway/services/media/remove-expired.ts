import { inputMediaOf } from '../../domain/generation/request.ts'
import { transition } from '../../domain/attempts/transition.ts'
import type { CallStore } from '../../ports/generations/call-store.ts'
import type { Clock } from '../../ports/clock.ts'
import type { ExchangeStore } from '../../ports/operations/exchange-store.ts'
import type { GenerationLedger } from '../../ports/generations/generation-ledger.ts'
import type { GenerationStore } from '../../ports/generations/generation-store.ts'
import type { IdempotencyStore } from '../../ports/generations/idempotency-store.ts'
import { countsKeptMs } from '../../domain/statistics/steps.ts'
import type { StatisticsStore } from '../../ports/statistics/statistics-store.ts'
import type { SessionStore } from '../../ports/accounts/session-store.ts'
import type { MediaArchive } from '../../ports/media/media-archive.ts'
import { retryMs } from '../generations/client-retries.ts'
import { rememberedMs } from '../once-only.ts'

const videosPerRun = 200
/** Takes about 5 ms, so that others write in between. */
const rowsPerRun = 250

/**
 * Lets go of a part of the videos whose retention is over, and of what else is only kept for a time. How much went, as far as
 * there may be more; of videos all. The file goes first: if the process dies in between, the next run finds the video again.
 */
export async function removeExpired(deps: {
  store: GenerationStore & IdempotencyStore & Pick<GenerationLedger, 'countLedger'>
  calls: CallStore
  exchanges: ExchangeStore
  statistics: Pick<StatisticsStore, 'prune'>
  sessionStore: Pick<SessionStore, 'prune'>
  archive: MediaArchive
  clock: Clock
  /** null keeps videos until they are deleted. */
  retentionMs: number | null
  /** Of what upstreams answered. */
  exchangesMs: number
}): Promise<number> {
  const { store, calls, exchanges, statistics, sessionStore, archive, clock, retentionMs, exchangesMs } = deps
  const now = clock.now()
  await store.pruneIdempotency(now - rememberedMs)
  const pruned = [
    await calls.prune(now - rememberedMs, rowsPerRun),
    await store.pruneCreates(now - retryMs, rowsPerRun),
    await exchanges.prune(now - exchangesMs, rowsPerRun),
    await statistics.prune(now - countsKeptMs, rowsPerRun),
    await sessionStore.prune(now, rowsPerRun),
  ]
  const left = pruned.filter((rows) => rows >= rowsPerRun).reduce((total, rows) => total + rows, 0)
  const counted = left + (await store.countLedger())
  if (counted > 0 || retentionMs === null) return counted
  const expired = await store.videosBefore(now - retentionMs, videosPerRun)
  for (const { generation, version } of expired) {
    if (generation.video !== null) await archive.remove(generation.video.mediaId)
    for (const mediaId of inputMediaOf(generation.request)) await archive.remove(mediaId)
    const { generation: next, entries } = transition(generation, { type: 'video_expired', at: now })
    // A conflict means that somebody wrote it just now; the next run takes it up.
    await store.save(next, { version, entries, lease: null })
  }
  return expired.length
}
