import type { MediaId } from '../../domain/ids.ts'

export interface ListedMedia {
  id: MediaId
  /** Ms since the epoch: when the newest of its files, pictures included, was created or changed. */
  changedAt: number
}

/** Lists the files in an archive, whoever wrote them, one part at a time. */
export interface ArchiveListing {
  parts(): Promise<string[]>
  /** Empty if the part does not exist. */
  mediaIn(part: string): Promise<ListedMedia[]>
  /** Removes uploads that began before this time (ms since the epoch) and were never completed; how many there were. */
  abandonUploads(before: number): Promise<number>
}
