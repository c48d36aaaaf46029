import type { MediaId } from '../../domain/ids.ts'
import type { MediaKind } from '../../domain/media-kind.ts'

/** What was found in a file by looking at its bytes. `durationSeconds` is null for images. */
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
  /** The length the sender promised; a shorter or longer body is not stored. */
  expectedBytes: number | null
  accept: ReadonlyArray<MediaKind>
  /** Whether a video may be WebM or Matroska; false where left out. What callers bring goes on to upstreams, which want MP4. */
  matroska?: boolean
  signal: AbortSignal
}

/**
 * `stored` only after the bytes were checked, synced and renamed into place. `not_media`: not a file of an accepted kind
 * (HTML, JSON, a broken MP4). `unsupported`: video or sound in a container that is not accepted, which will not change with
 * another try. `interrupted`: the source ended with an error or was aborted. `too_slow`: what it is could not be
 * found out in time. `busy`: there was nobody free to look at it. `no_space`: the disk is full.
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
      message: string
    }

export type CopyOutcome = 'copied' | 'missing' | 'no_space'

export interface ByteRange {
  /** Inclusive offsets. */
  start: number
  end: number
}

/** Media files by id. Immutable once stored; `put` with an id that is stored replaces it atomically. */
export interface MediaArchive {
  put(id: MediaId, body: AsyncIterable<Uint8Array>, rules: PutRules): Promise<PutOutcome>
  /** Null when there is no such file. */
  size(id: MediaId): Promise<number | null>
  /** Bytes of a stored file; throws when it is missing. */
  read(id: MediaId, range: ByteRange | null): AsyncIterable<Uint8Array>
  /** Stores the same bytes under another id. */
  copy(from: MediaId, to: MediaId): Promise<CopyOutcome>
  remove(id: MediaId): Promise<void>
  /** A WebP picture of the first frame, made on first use and kept; null when the file is missing or has no frame. */
  thumbnail(id: MediaId): Promise<{ contentType: string; bytes: Uint8Array } | null>
  /** Stores the span [start, end) seconds of a stored video under another id, as MP4. */
  cut(
    from: MediaId,
    to: MediaId,
    span: { start: number; end: number },
    signal: AbortSignal,
  ): Promise<PutOutcome>
  /** Whether a small write succeeds now. */
  writable(): Promise<boolean>
}
