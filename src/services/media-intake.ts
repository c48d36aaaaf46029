import { Problem } from '../domain/problem.ts'
import type { MediaId } from '../domain/ids.ts'
import type { Ids } from '../ports/clock.ts'
import type { MediaArchive, MediaInfo, PutOutcome } from '../ports/media-archive.ts'
import type { RemoteMedia } from '../ports/remote-media.ts'

/** A caller's file, in the archive and checked. Whoever stored it discards it when the request comes to nothing. */
export interface StoredMedia {
  mediaId: MediaId
  info: MediaInfo
}

type Accept = ReadonlyArray<'video' | 'image'>

export interface MediaIntake {
  /** Stores an upload. `pointer` names the field for the problem. */
  fromStream(body: AsyncIterable<Uint8Array>, accept: Accept, pointer: string): Promise<StoredMedia>
  /** Fetches a caller's URL through the guard, within `fetchTimeoutMs`, and stores it. */
  fromUrl(url: string, accept: Accept, pointer: string): Promise<StoredMedia>
  discard(mediaId: MediaId): Promise<void>
}

/** The one way for a caller's media to get in: throws `url_forbidden`, `url_unreachable`, `not_media`, `payload_too_large`, `storage_full`. */
export function createMediaIntake(deps: {
  archive: MediaArchive
  remote: RemoteMedia
  ids: Ids
  maxBytes: number
  fetchTimeoutMs: number
}): MediaIntake {
  const { archive, remote, ids, maxBytes, fetchTimeoutMs } = deps

  async function store(
    body: AsyncIterable<Uint8Array>,
    expectedBytes: number | null,
    accept: Accept,
    pointer: string,
    signal: AbortSignal,
  ): Promise<StoredMedia> {
    const mediaId = ids.media()
    const outcome = await archive.put(mediaId, body, { maxBytes, expectedBytes, accept, signal })
    if (outcome.type === 'stored') return { mediaId, info: outcome.info }
    throw problemOf(outcome, pointer)
  }

  return {
    fromStream: (body, accept, pointer) => store(body, null, accept, pointer, AbortSignal.timeout(600_000)),
    async fromUrl(url, accept, pointer) {
      const signal = AbortSignal.timeout(fetchTimeoutMs)
      const fetched = await remote.fetch(url, signal)
      switch (fetched.type) {
        case 'forbidden':
          throw new Problem('url_forbidden', fetched.message, {
            faults: [{ pointer, detail: fetched.message }],
          })
        case 'failed':
          throw new Problem('url_unreachable', fetched.message, {
            faults: [{ pointer, detail: fetched.message }],
          })
        case 'body':
          return store(fetched.body, fetched.bytes, accept, pointer, signal)
      }
    },
    discard: (mediaId) => archive.remove(mediaId),
  }
}

function problemOf(outcome: Exclude<PutOutcome, { type: 'stored' }>, pointer: string): Problem {
  const faults = [{ pointer, detail: outcome.message }]
  switch (outcome.type) {
    case 'too_large':
      return new Problem('payload_too_large', outcome.message, { faults })
    case 'not_media':
      return new Problem('not_media', outcome.message, { faults })
    case 'truncated':
    case 'interrupted':
      return new Problem('url_unreachable', outcome.message, { faults })
    case 'no_space':
      return new Problem('storage_full', 'The archive has no space left. Nothing was stored.')
  }
}
