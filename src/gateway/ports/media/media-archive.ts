import type { MediaId } from '../../domain/ids.ts'
import type { MediaKind } from '../../domain/media-kind.ts'

/** What the bytes of a file say it is. `durationSeconds` is null for images. */
export interface MediaInfo {
  kind: MediaKind
  contentType: string
  bytes: number
  sha256: string
  width: number
  height: number
  durationSeconds: number | null
}

export interface PutRules {
  maxBytes: number
  /** The length announced by the sender. A shorter or longer body is not stored. */
  expectedBytes: number | null
  accept: ReadonlyArray<MediaKind>
  /**
   * Whether WebM and Matroska videos are accepted; false by default. Uploads of callers are passed on to upstreams,
   * which expect MP4.
   */
  matroska?: boolean
  signal: AbortSignal
}

/**
 * - `stored`: the bytes were checked, synced and renamed into place.
 * - `not_media`: not a file of an accepted kind (HTML, JSON, a broken MP4).
 * - `unsupported`: video or audio in a container that is not accepted; a retry does not help.
 * - `interrupted`: the source failed or was aborted.
 * - `too_slow`: the file could not be inspected in time.
 * - `busy`: no decoder was free to inspect it.
 * - `no_space`: the disk, the bucket or the local buffer is full.
 * - `unavailable`: the storage behind the archive does not respond or refuses the gateway. A later try may succeed.
 */
export type PutOutcome =
  | { type: 'stored'; info: MediaInfo }
  | {
      type:
        | 'too_large'
        | 'truncated'
        | 'not_media'
        | 'unsupported'
        | 'interrupted'
        | 'too_slow'
        | 'busy'
        | 'no_space'
        | 'unavailable'
      message: string
    }

/** At least one, or why there is none; then nothing is stored. */
export type StillsOutcome =
  | { type: 'stored'; stills: Array<{ mediaId: MediaId; info: MediaInfo }> }
  | Exclude<PutOutcome, { type: 'stored' }>

export type CopyOutcome = 'copied' | 'missing' | 'no_space'

export interface ByteRange {
  /** Inclusive offsets. */
  start: number
  end: number
}

/** The storage behind the archive does not respond or refuses the gateway. The message is for people. */
export class MediaUnavailableError extends Error {}

/** Media files by id. They never change once stored; `put` with an existing id replaces the file atomically. */
export interface MediaArchive {
  put(id: MediaId, body: AsyncIterable<Uint8Array>, rules: PutRules): Promise<PutOutcome>
  /** Null when there is no such file. */
  size(id: MediaId): Promise<number | null>
  /** The bytes of a stored file; throws if it is missing. */
  read(id: MediaId, range: ByteRange | null): AsyncIterable<Uint8Array>
  /** Stores the same bytes under another id. */
  copy(from: MediaId, to: MediaId): Promise<CopyOutcome>
  remove(id: MediaId): Promise<void>
  /** A WebP image of the first frame, made on first use and kept; null if the file is missing or has no frame. */
  thumbnail(id: MediaId): Promise<{ contentType: string; bytes: Uint8Array } | null>
  /** Stores the seconds [start, end) of a stored video under another id, as MP4. */
  cut(
    from: MediaId,
    to: MediaId,
    span: { start: number; end: number },
    signal: AbortSignal,
  ): Promise<PutOutcome>
  /**
   * Stores the best frames of a stored video as JPEG, in full size, under the first of the other ids, best first: sharp ones
   * that are unlike each other.
   */
  stills(from: MediaId, to: readonly MediaId[], signal: AbortSignal): Promise<StillsOutcome>
  /** Why a small test write fails, and what to check; null where it succeeds. */
  writeFault(): Promise<string | null>
}
