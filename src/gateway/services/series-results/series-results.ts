import type { Client } from '../../domain/accounts/client.ts'
import type { SeriesId } from '../../domain/ids.ts'
import type { SeriesManifest } from '../../domain/series/manifest.ts'

/** The videos that are stored, in the order of their scenes. */
export interface SeriesVideos {
  manifest: SeriesManifest
  files: Array<{
    name: string
    bytes: number
    /** ms since the epoch. */
    completedAt: number
    /** Throws, or its stream fails, where the file is gone meanwhile. */
    read: () => AsyncIterable<Uint8Array>
  }>
}

export interface SeriesSheet {
  manifest: SeriesManifest
  /** By scene number, as WebP; of those that have one already. */
  strips: ReadonlyMap<number, Uint8Array>
}

/** What a series came to. Failures are thrown as `Problem`; another tenant's series is `not_found`. */
export interface SeriesResults {
  manifest(client: Client, id: SeriesId): Promise<SeriesManifest>
  /** At least one video; else `video_not_ready`, `not_found` where there will be none, or `video_gone`. Opens no file. */
  videos(client: Client, id: SeriesId): Promise<SeriesVideos>
  sheet(client: Client, id: SeriesId): Promise<SeriesSheet>
  /** The same as one PNG. */
  sheetPng(client: Client, id: SeriesId): Promise<Uint8Array>
}
