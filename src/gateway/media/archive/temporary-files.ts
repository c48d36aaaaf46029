import type { MediaId } from '../../domain/ids.ts'
import type { MediaInfo, PutOutcome, PutRules } from '../../ports/media/media-archive.ts'
import type { FrameFailure, Frames } from '../frames/frames.ts'
import { isNoSpace, systemCode } from '../machine-fault.ts'
import { interrupted, type Refused } from './receive.ts'
import { isMatroska } from '../inspect/video-formats.ts'
import type { TemporaryFolder } from './temporary-folder.ts'

export interface TemporaryFiles {
  /** Runs `work` with the path of a temporary file, which is removed afterwards. A full disk is `no_space`. */
  write(work: (tempFile: string) => Promise<PutOutcome>): Promise<PutOutcome>
  /** The last steps of every write: inspects the synced file, then publishes it. */
  keep(
    id: MediaId,
    tempFile: string,
    facts: { bytes: number; sha256: string },
    rules: Pick<PutRules, 'accept' | 'matroska' | 'signal'>,
  ): Promise<PutOutcome>
}

/** Makes a file that was inspected visible under its id, at once and for good. */
export type Publish = (id: MediaId, tempFile: string, info: MediaInfo, signal: AbortSignal) => Promise<void>

/** Files that are being written to the archive. */
export function createTemporaryFiles(
  folder: TemporaryFolder,
  frames: Frames,
  publish: Publish,
): TemporaryFiles {
  return {
    async write(work) {
      const tempFile = folder.path()
      try {
        return await work(tempFile)
      } catch (error) {
        if (!isNoSpace(systemCode(error))) throw error
        return { type: 'no_space', message: 'The archive is full.' }
      } finally {
        await folder.remove(tempFile)
      }
    },
    async keep(id, tempFile, facts, rules) {
      const found = await frames.inspect(tempFile, rules.signal)
      if (found.type !== 'media') return refusal(found)
      if (!rules.accept.includes(found.kind)) {
        // Audio is the real result of a render: another download returns the same.
        const type = found.kind === 'audio' ? 'unsupported' : 'not_media'
        return { type, message: `The file is a ${found.kind}, which is not accepted here.` }
      }
      if (isMatroska(found.contentType) && rules.matroska !== true) {
        return {
          type: 'unsupported',
          message: `The file is ${found.contentType}, which is not accepted here.`,
        }
      }
      if (rules.signal.aborted) return interrupted('The transfer was cancelled.')
      const { kind, contentType, width, height, durationSeconds } = found
      const { bytes, sha256 } = facts
      const info = { kind, contentType, bytes, sha256, width, height, durationSeconds }
      await publish(id, tempFile, info, rules.signal)
      return { type: 'stored', info }
    },
  }
}

/** The archive's outcome for a file that could not be read, cut or inspected. */
export function refusal(failure: FrameFailure): Refused {
  const { type, message } = failure
  if (type === 'unusable') return { type: 'not_media', message }
  return { type: type === 'aborted' ? 'interrupted' : type, message }
}
