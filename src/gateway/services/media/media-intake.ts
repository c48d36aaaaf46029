import { Problem } from '../../domain/problem.ts'
import type { MediaId } from '../../domain/ids.ts'
import type { Ids } from '../../ports/clock.ts'
import type { MediaArchive, MediaInfo, PutOutcome } from '../../ports/media/media-archive.ts'
import type { RemoteMedia } from '../../ports/media/remote-media.ts'
import type { MediaKind } from '../../domain/media-kind.ts'

/** A caller's file, in the archive and checked. Whoever stored it discards it when the request comes to nothing. */
export interface StoredMedia {
  mediaId: MediaId
  info: MediaInfo
}

type Accept = ReadonlyArray<MediaKind>
type Refused = Exclude<PutOutcome, { type: 'stored' }>

/** Which field of the request the file belongs to, and where its bytes come from. */
interface Named {
  pointer: string
  from: 'url' | 'upload'
}

interface Incoming {
  expectedBytes: number | null
  accept: Accept
  named: Named
  signal: AbortSignal
  /** Absent: the bound of every file. */
  mostBytes: number | undefined
}

/** As long as the server lets a request arrive. */
const uploadMs = 600_000

export interface MediaIntake {
  /** Stores an upload. `pointer` names the field for the problem; `mostBytes` is a bound below that of every file. */
  fromStream(
    body: AsyncIterable<Uint8Array>,
    accept: Accept,
    pointer: string,
    mostBytes?: number,
  ): Promise<StoredMedia>
  /** Fetches a caller's URL through the guard, within `fetchTimeoutMs`, and stores it. */
  fromUrl(url: string, accept: Accept, pointer: string, mostBytes?: number): Promise<StoredMedia>
  discard(mediaId: MediaId): Promise<void>
}

/** The one way for a caller's media to get in: throws the problems of `refusedMedia`, and `url_forbidden`. */
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
    { expectedBytes, accept, named, signal, mostBytes = maxBytes }: Incoming,
  ): Promise<StoredMedia> {
    const mediaId = ids.media()
    const rules = { maxBytes: Math.min(maxBytes, mostBytes), expectedBytes, accept, signal }
    const outcome = await archive.put(mediaId, body, rules)
    if (outcome.type === 'stored') return { mediaId, info: outcome.info }
    throw refusedMedia(outcome, named)
  }

  return {
    fromStream(body, accept, pointer, mostBytes) {
      const signal = AbortSignal.timeout(uploadMs)
      const named = { pointer, from: 'upload' } as const
      return store(body, { expectedBytes: null, accept, named, signal, mostBytes })
    },
    async fromUrl(url, accept, pointer, mostBytes) {
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
        case 'body': {
          const named = { pointer, from: 'url' } as const
          return store(fetched.body, { expectedBytes: fetched.bytes, accept, named, signal, mostBytes })
        }
      }
    },
    discard: (mediaId) => archive.remove(mediaId),
  }
}

/** Why a caller's file was not stored, in the words of the API. */
export function refusedMedia(outcome: Refused, { pointer, from }: Named): Problem {
  const { message } = outcome
  const faults = [{ pointer, detail: message }]
  switch (outcome.type) {
    case 'too_large':
      return new Problem('payload_too_large', message, { faults })
    // A vendor's video gets more tries; what a caller brings and nobody can read is as good as no video.
    case 'too_slow':
    case 'not_media':
    case 'unsupported':
      return new Problem('not_media', message, { faults })
    case 'truncated':
    case 'interrupted':
      return new Problem(from === 'url' ? 'url_unreachable' : 'request_timeout', message, { faults })
    case 'busy':
      return new Problem('overloaded', message)
    case 'unavailable':
      return new Problem('storage_unavailable', message)
    case 'no_space':
      return storageFull()
  }
}

export function storageFull(): Problem {
  return new Problem('storage_full', 'The archive is full. Nothing was stored. Try again later.')
}
