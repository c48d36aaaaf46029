import type { CharacterId, GenerationId, MediaId } from '../../domain/ids.ts'

export const namedMediaKinds = ['video', 'reference', 'source', 'input', 'clip', 'still'] as const

export interface NamedMedia {
  /** The generation or character that refers to it. */
  owner: GenerationId | CharacterId
  kind: (typeof namedMediaKinds)[number]
  mediaId: MediaId
}

/** Which files of the archive are referred to by records. */
export interface MediaReferences {
  /** Ms since the epoch: when this database was created. It knows nothing about older files. */
  beganAt(): Promise<number>
  /**
   * The ids that no record refers to and no unfinished attempt will write to, as of one instant. Reads every record,
   * off the event loop. Rejects when `signal` is aborted.
   */
  unnamed(ids: readonly MediaId[], signal: AbortSignal): Promise<MediaId[]>
  /**
   * The archive files that generations need, ordered by generation id, after the given one: videos that have not
   * expired, and the inputs of unfinished work. `last` is null once fewer than `limit` were left to read.
   */
  namedAfter(
    after: GenerationId | null,
    limit: number,
  ): Promise<{ named: NamedMedia[]; last: GenerationId | null; read: number }>
  /** The clips and stills of characters, ordered by character id, after the given one. */
  clipsAfter(
    after: CharacterId | null,
    limit: number,
  ): Promise<Array<{ character: CharacterId; clip: MediaId | null; stills: MediaId[] }>>
}
