import { copyFile, link, stat } from 'node:fs/promises'
import type { MediaId } from '../../domain/ids.ts'
import type { FrameGallery } from '../../ports/media/frame-gallery.ts'
import type { ArchiveListing } from '../../ports/media/archive-listing.ts'
import type { CopyOutcome, MediaArchive } from '../../ports/media/media-archive.ts'
import { createTemporaryFiles, refusal } from './temporary-files.ts'
import { createArchiveListing } from './archive-listing.ts'
import { FileBytes } from './file-bytes.ts'
import { openArchiveFiles } from './archive-files.ts'
import type { ArchiveFiles } from './archive-files.ts'
import { removeFile, sync, systemDisk } from '../disk.ts'
import type { Disk } from '../disk.ts'
import { createFrameGallery } from '../frames/frame-gallery.ts'
import { createFrames, type Frames } from '../frames/frames.ts'
import { isNoSpace, systemCode } from '../machine-fault.ts'
import { createPictureFolder, createPictures } from '../inspect/pictures.ts'
import { hashFile, receive } from './receive.ts'
import { storeStills } from './store-stills.ts'
import { writeFault } from './write-fault.ts'

/** A media archive in a folder. `close` ends its child processes; files stay readable. */
export async function createFileArchive(options: {
  directory: string
  frames?: Frames
  disk?: Disk
}): Promise<
  MediaArchive & { gallery: FrameGallery; listing: ArchiveListing; downloads: null; close(): void }
> {
  const { frames = createFrames(), disk = systemDisk } = options
  const files = await openArchiveFiles(options.directory, disk)
  const folder = files.temporary
  const { thumbnails, strips, forgetPictures } = picturesOf(files, frames)
  const temporary = createTemporaryFiles(folder, frames, async (id, tempFile) => {
    await files.place(tempFile, files.media(id))
    await forgetPictures(id)
  })
  const removeMedia = (id: MediaId): Promise<void> => removeFile(files.media(id))

  return {
    async put(id, body, rules) {
      files.media(id)
      return temporary.write(async (path) => {
        const received = await receive(disk, path, body, rules)
        return received.type === 'received' ? temporary.keep(id, path, received, rules) : received
      })
    },

    size: async (id) => sizeOf(files.media(id)),

    read(id, range) {
      const stream = new FileBytes(files.media(id), range)
      // The reader gets the error too. Unhandled, an error before the first read would end the process.
      return stream.on('error', () => undefined)
    },

    async copy(from, to) {
      const outcome = await copyFileOf(files, disk, from, to)
      if (outcome === 'copied') await forgetPictures(to)
      return outcome
    },

    async remove(id) {
      // The file goes first: a thumbnail that is being made checks at the end whether its file still exists.
      await removeMedia(id)
      await forgetPictures(id)
    },

    thumbnail: (id) => thumbnails.get(id),

    async cut(from, to, span, signal) {
      files.media(to)
      await stat(files.media(from))
      if (!(span.start >= 0 && span.start < span.end)) {
        return { type: 'not_media', message: 'The clip ends before it starts.' }
      }
      return temporary.write(async (path) => {
        const written = await frames.cut(files.media(from), path, span, signal)
        if (written.type !== 'written') return refusal(written)
        await sync(disk, path)
        return temporary.keep(to, path, await hashFile(path), { accept: ['video'], signal })
      })
    },

    async stills(from, to, signal) {
      await stat(files.media(from))
      const deps = { folder, frames, temporary, disk, remove: removeMedia }
      return storeStills(deps, { from: files.media(from), to, signal })
    },

    gallery: createFrameGallery(folder, strips, frames),
    listing: createArchiveListing(options.directory),
    writeFault: () => writeFault(disk, folder),
    downloads: null,
    close: () => frames.close(),
  }
}

function picturesOf(files: ArchiveFiles, frames: Frames) {
  const thumbnails = createPictures(
    createPictureFolder(files, (id) => [files.thumbnail(id), files.earlierThumbnail(id)]),
    (file, output) => frames.thumbnail(file, output),
  )
  const strips = createPictures(
    createPictureFolder(files, (id) => [files.strip(id)]),
    (file, output) => frames.strip(file, output),
  )
  const forgetPictures = async (id: MediaId): Promise<void> => {
    await thumbnails.forget(id)
    await strips.forget(id)
  }
  return { thumbnails, strips, forgetPictures }
}

async function sizeOf(path: string): Promise<number | null> {
  try {
    return (await stat(path)).size
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null
    throw error
  }
}

async function copyFileOf(files: ArchiveFiles, disk: Disk, from: MediaId, to: MediaId): Promise<CopyOutcome> {
  const path = files.temporary.path()
  const [source, target] = [files.media(from), files.media(to)]
  try {
    await duplicate(disk, source, path)
    await files.place(path, target)
    return 'copied'
  } catch (error) {
    return await copyFailure(error, source)
  } finally {
    await files.temporary.remove(path)
  }
}

/** A hard link where the file system supports it, since files never change in place; otherwise a copy. */
async function duplicate(disk: Disk, from: string, to: string): Promise<void> {
  try {
    await link(from, to)
  } catch (error) {
    if (systemCode(error) === 'ENOENT') throw error
    await copyFile(from, to)
    await sync(disk, to)
  }
}

/** Throws everything except a full disk and a missing source. */
async function copyFailure(cause: unknown, source: string): Promise<CopyOutcome> {
  const code = systemCode(cause)
  if (isNoSpace(code)) return 'no_space'
  const isMissing = code === 'ENOENT' && (await stat(source).catch(() => null)) === null
  if (isMissing) return 'missing'
  throw cause
}
