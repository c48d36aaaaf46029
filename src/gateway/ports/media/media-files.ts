import type { MediaId } from '../../domain/ids.ts'

export interface FileFacts {
  bytes: number
  sha256: string
}

/** The files of an archive as bytes, for copies of an installation: nothing is decoded, and pictures made of them are left out. */
export interface MediaFiles {
  /** In no order. Of some, only pictures may be left. */
  list(): AsyncIterable<MediaId>
  /** Null where there is no such file. */
  size(id: MediaId): Promise<number | null>
  /** Of the bytes that are there, or as they were checked when they were stored. Null where there is no such file. */
  facts(id: MediaId): Promise<FileFacts | null>
  /** Throws if the file is missing. */
  read(id: MediaId): AsyncIterable<Uint8Array>
  /**
   * Stores a file durably and replaces one with the same id. False, and nothing is stored, where the bytes that arrive are not as
   * `expected`.
   */
  put(id: MediaId, body: AsyncIterable<Uint8Array>, expected: FileFacts): Promise<boolean>
  /** Removes the pictures that were made of a file, so that they are made again. */
  removePictures(id: MediaId): Promise<void>
}
