import { isDeepStrictEqual } from 'node:util'
import type { Attempt, VideoAsset } from '../../../domain/generation/generation.ts'
import type { AttemptId, GenerationId, MediaId } from '../../../domain/ids.ts'
import { nextArchiveAt } from '../../../domain/scheduling/poll-pacing.ts'
import { nextTryAt } from '../../../domain/scheduling/step-retry.ts'
import type { Clock } from '../../../ports/clock.ts'
import type { Logger } from '../../../ports/logger.ts'
import type { GenerationStore } from '../../../ports/generations/generation-store.ts'
import type { MediaArchive, PutOutcome } from '../../../ports/media/media-archive.ts'
import type { Upstream, VideoFetch } from '../../../ports/upstream.ts'
import type { Asked } from '../asked-upstream.ts'
import type { Evidence, StepEvidence } from '../../operations/evidence.ts'
import type { LeasedWork } from '../leased-work.ts'

export interface ArchiveDeps {
  store: GenerationStore
  clock: Clock
  logger: Logger
  archive: MediaArchive
  evidence: Evidence
  maxBytes: number
  routing: { readonly watchMs: number }
  /** For one whole download. */
  downloadMs: number
}

/** Copies a finished video into the archive; every failure is retried without ever asking for another render. */
export async function archiveAttempt(
  deps: ArchiveDeps,
  work: LeasedWork,
  attempt: Attempt,
  { upstream, by }: Asked,
): Promise<void> {
  const { clock } = deps
  const seen = deps.evidence.watch(work.generation, attempt.id)
  const fetched = await fetchVideo(attempt, upstream, seen)
  // One file per attempt: a crash after the rename and before the save leaves nothing behind but what is replaced here.
  const mediaId: MediaId = `media_${attempt.id.slice('att_'.length)}`
  const stored = fetched.type === 'body' ? await put(deps, mediaId, fetched) : fetched
  const at = clock.now()
  seen.keep()
  if (stored.type === 'stored') {
    const video: VideoAsset = {
      mediaId,
      contentType: stored.info.contentType,
      bytes: stored.info.bytes,
      sha256: stored.info.sha256,
      durationSeconds: stored.info.durationSeconds ?? attempt.durationSeconds,
      width: stored.info.width,
      height: stored.info.height,
      expiredAt: null,
    }
    try {
      return await work.record({ type: 'archived', at, attemptId: attempt.id, video })
    } finally {
      // Cancelled or deleted while it was fetched, or delivered by another attempt: nothing names this file.
      const isNamed = work.generation.video?.mediaId === mediaId
      if (!isNamed && (await isUnwanted(deps.store, work.generation.id, attempt.id, mediaId)))
        await deps.archive.remove(mediaId)
    }
  }
  const { message } = stored
  if (stored.type === 'no_space' || stored.type === 'unavailable')
    deps.logger.warn(
      { generation: work.generation.id, attempt: attempt.id, upstream: attempt.upstream, reason: message },
      'the archive could not store a finished video; trying again later',
    )
  if (stored.type === 'busy' || stored.type === 'unavailable') {
    // A lack on our side says nothing about the video and does not count as a try of the upstream.
    const timing = { now: at, watchMs: deps.routing.watchMs }
    const nextAt = nextTryAt(work.generation.createdAt, attempt.lastError?.tries ?? 0, timing)
    return work.record({
      type: 'step_failed',
      at,
      attemptId: attempt.id,
      code: 'step_failed',
      message,
      nextAt,
    })
  }
  const retryAfterMs = 'retryAfterMs' in stored ? stored.retryAfterMs : null
  // Another account may just not be shown it.
  const gone = stored.type === 'gone' && by === undefined
  const full = stored.type === 'no_space'
  // Another download has the same bytes.
  const isLasting = stored.type === 'unsupported'
  const nextAt = isLasting ? null : nextArchiveAt(attempt, { gone, full, retryAfterMs }, at)
  return work.record(
    nextAt === null
      ? { type: 'archive_failed', at, attemptId: attempt.id, message }
      : { type: 'archive_delayed', at, attemptId: attempt.id, message, gone, full, nextAt },
  )
}

/**
 * A new address is requested if one does not lead to a video: vendors sign a new one with every poll, and file servers
 * return an unspecific 403 or 404 for an expired one.
 */
async function fetchVideo(attempt: Attempt, upstream: Upstream, { note }: StepEvidence): Promise<VideoFetch> {
  const fetched = await upstream.fetchVideo(attempt.operation, attempt.result, note)
  if (fetched.type === 'body') return fetched
  const report = await upstream.poll(attempt.operation, note)
  const renewed = report.type === 'completed' && !isDeepStrictEqual(report.result, attempt.result)
  return renewed ? upstream.fetchVideo(attempt.operation, report.result, note) : fetched
}

/** While the attempt is archiving, somebody who took over may be about to name the file. */
async function isUnwanted(
  store: GenerationStore,
  id: GenerationId,
  attemptId: AttemptId,
  mediaId: MediaId,
): Promise<boolean> {
  const generation = (await store.get(id))?.generation
  if (generation === undefined) return true
  const archiving = generation.attempts.some(
    (attempt) => attempt.id === attemptId && attempt.state === 'archiving',
  )
  return !archiving && generation.video?.mediaId !== mediaId
}

function put(
  { archive, maxBytes, downloadMs }: ArchiveDeps,
  mediaId: MediaId,
  { body, bytes }: Extract<VideoFetch, { type: 'body' }>,
): Promise<PutOutcome> {
  return archive.put(mediaId, body, {
    maxBytes,
    expectedBytes: bytes,
    accept: ['video'],
    matroska: true,
    signal: AbortSignal.timeout(downloadMs),
  })
}
