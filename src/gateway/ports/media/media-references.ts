import type { CharacterId, MediaId } from '../../domain/ids.ts'

/** Which files of the archive the records name. */
export interface MediaReferences {
  /** Ms since the epoch: when these records began. They say nothing about files from before. */
  beganAt(): Promise<number>
  /**
   * Those that no record names, and no attempt that is not over will, as of one instant. Reads every record, away from the event
   * loop. Rejects when `signal` is aborted.
   */
  unnamed(ids: readonly MediaId[], signal: AbortSignal): Promise<MediaId[]>
  /** The clips of characters, by the id of the character, from behind one on. */
  clipsAfter(
    after: CharacterId | null,
    limit: number,
  ): Promise<Array<{ character: CharacterId; clip: MediaId }>>
}
