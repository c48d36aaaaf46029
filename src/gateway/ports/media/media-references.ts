import type { CharacterId, GenerationId, MediaId } from '../../domain/ids.ts'

export const namedMediaKinds = ['video', 'reference', 'source', 'input', 'clip'] as const

export interface NamedMedia {
  /** Whose record names it. */
  owner: GenerationId | CharacterId
  kind: (typeof namedMediaKinds)[number]
  mediaId: MediaId
}

/** Which files of the archive the records name. */
export interface MediaReferences {
  /** Ms since the epoch: when these records began. They say nothing about files from before. */
  beganAt(): Promise<number>
  /**
   * Those that no record names, and no attempt that is not over will, as of one instant. Reads every record, away from the event
   * loop. Rejects when `signal` is aborted.
   */
  unnamed(ids: readonly MediaId[], signal: AbortSignal): Promise<MediaId[]>
  /**
   * What generations need in the archive, by their ids, from behind one on: videos that have not expired, and the inputs of work
   * that has not ended. `last` is null when there are no more of the at most `limit` that were read.
   */
  namedAfter(
    after: GenerationId | null,
    limit: number,
  ): Promise<{ named: NamedMedia[]; last: GenerationId | null; read: number }>
  /** The clips of characters, by the id of the character, from behind one on. */
  clipsAfter(
    after: CharacterId | null,
    limit: number,
  ): Promise<Array<{ character: CharacterId; clip: MediaId }>>
}
