import type { MediaId } from '../../domain/ids.ts'

export interface ListedMedia {
  id: MediaId
  /** Ms since the epoch: when the newest of its files, pictures included, was put there or changed. */
  changedAt: number
}

/** What lies in an archive, whoever put it there, part by part. */
export interface ArchiveListing {
  parts(): Promise<string[]>
  /** Empty when the part is not there. */
  mediaIn(part: string): Promise<ListedMedia[]>
}
