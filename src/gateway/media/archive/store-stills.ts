import type { MediaId } from '../../domain/ids.ts'
import type { PutOutcome, StillsOutcome } from '../../ports/media/media-archive.ts'
import { sync } from '../disk.ts'
import type { Disk } from '../disk.ts'
import type { Frames } from '../frames/frames.ts'
import { isNoSpace, systemCode } from '../machine-fault.ts'
import { hashFile } from './receive.ts'
import { refusal } from './temporary-files.ts'
import type { TemporaryFiles } from './temporary-files.ts'
import type { TemporaryFolder } from './temporary-folder.ts'

export interface StillsDeps {
  folder: TemporaryFolder
  frames: Frames
  temporary: TemporaryFiles
  disk: Disk
  remove: (id: MediaId) => Promise<void>
}

/** Cuts stills of the video at the path `from` in a child process and stores them; all, or none. */
export async function storeStills(
  { folder, frames, temporary, disk, remove }: StillsDeps,
  { from, to, signal }: { from: string; to: readonly MediaId[]; signal: AbortSignal },
): Promise<StillsOutcome> {
  const paths = to.map((id) => ({ id, path: folder.path() }))
  const stored: Array<{ mediaId: MediaId; info: Extract<PutOutcome, { type: 'stored' }>['info'] }> = []
  const undo = async <Outcome>(outcome: Outcome): Promise<Outcome> => {
    for (const { mediaId } of stored) await remove(mediaId)
    return outcome
  }
  try {
    const written = await frames.stills(
      from,
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
    for (const { path } of paths) await folder.remove(path)
  }
}
