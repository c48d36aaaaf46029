import type { MediaId } from '../../domain/ids.ts'

export interface FileFacts {
  bytes: number
  sha256: string
}

/** The files of an archive as bytes, for copies of an installation: nothing is decoded, and pictures made of them are left out. */
export interface MediaFiles {
  /** In no order. */
  list(): AsyncIterable<MediaId>
  /** Null where there is no such file. */
  size(id: MediaId): Promise<number | null>
  /** Of the bytes that are there. Null where there is no such file. */
  facts(id: MediaId): Promise<FileFacts | null>
  /** Throws if the file is missing. */
  read(id: MediaId): AsyncIterable<Uint8Array>
  /**
   * Stores a file durably and replaces one with the same id. Where the bytes are not as `expected`, nothing is stored. Returns
   * what arrived.
   */
  put(id: MediaId, body: AsyncIterable<Uint8Array>, expected: FileFacts | null): Promise<FileFacts>
}
