import { rm, stat } from 'node:fs/promises'
import type { MediaId } from '../../domain/ids.ts'
import type { PutOutcome, StillsOutcome } from '../../ports/media/media-archive.ts'
import { sync } from '../disk.ts'
import type { Disk } from '../disk.ts'
import type { Frames } from '../frames/frames.ts'
import { isNoSpace, systemCode } from '../machine-fault.ts'
import type { ArchiveFiles } from './archive-files.ts'
import { hashFile } from './receive.ts'
import { refusal } from './temporary-files.ts'
import type { TemporaryFiles } from './temporary-files.ts'

/** Cuts stills in a child process and stores them; all, or none. Throws for a video that is not there. */
export async function storeStills(
  deps: { files: ArchiveFiles; frames: Frames; temporary: TemporaryFiles; disk: Disk },
  { from, to, signal }: { from: MediaId; to: readonly MediaId[]; signal: AbortSignal },
): Promise<StillsOutcome> {
  const { files, frames, temporary, disk } = deps
  await stat(files.media(from))
  const paths = to.map((id) => ({ id, path: files.temporary() }))
  const stored: Array<{ mediaId: MediaId; info: Extract<PutOutcome, { type: 'stored' }>['info'] }> = []
  const undo = async <Outcome>(outcome: Outcome): Promise<Outcome> => {
    for (const { mediaId } of stored) await rm(files.media(mediaId), { force: true })
    return outcome
  }
  try {
    const written = await frames.stills(
      files.media(from),
      paths.map(({ path }) => path),
      signal,
    )
    if (written.type !== 'stills') return refusal(written)
    for (const { id, path } of paths.slice(0, written.count)) {
      await sync(disk, path)
      const kept = await temporary.keep(id, path, await hashFile(path), { accept: ['image'], signal })
      if (kept.type !== 'stored') return await undo(kept)
      stored.push({ mediaId: id, info: kept.info })
    }
    return { type: 'stored', stills: stored }
  } catch (error) {
    await undo(null)
    if (!isNoSpace(systemCode(error))) throw error
    return { type: 'no_space', message: 'The archive is full.' }
  } finally {
    for (const { path } of paths) await rm(path, { force: true })
  }
}
