import { mkdir } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { MediaId } from '../../domain/ids.ts'
import { sync } from '../disk.ts'
import type { Disk } from '../disk.ts'
import { systemCode } from '../machine-fault.ts'
import { openTemporaryFolder } from './temporary-folder.ts'
import type { TemporaryFolder } from './temporary-folder.ts'

const mediaIdPattern = /^media_[0-9a-z]{26}$/

export function isMediaId(text: unknown): text is MediaId {
  return typeof text === 'string' && mediaIdPattern.test(text)
}

/** Where a file lies in an archive, below its root, with `/`. Throws for what is not an id. */
export function placeOf(id: MediaId): string {
  if (!isMediaId(id)) throw new Error('This is not a valid media id.')
  // Ids start with a timestamp; only their last characters spread evenly over folders.
  return `${id.slice(-2)}/${id}`
}

/** What the pictures of a file are called: its name and one of these. */
export const thumbnailSuffix = '.thumbnail.webp'
export const stripSuffix = '.strip.webp'

/** Where earlier releases wrote the thumbnail. Still read and removed, no longer written. */
const earlierThumbnailSuffix = '.poster.webp'
export const pictureSuffixes = [thumbnailSuffix, stripSuffix, earlierThumbnailSuffix]

/** The paths of an archive folder. All are absolute. */
export interface ArchiveFiles {
  media(id: MediaId): string
  thumbnail(id: MediaId): string
  earlierThumbnail(id: MediaId): string
  strip(id: MediaId): string
  temporary: TemporaryFolder
  /** Moves a synced temporary file to its final path, durably. */
  place(temporary: string, target: string): Promise<void>
}

/** Creates the folders and removes incomplete files of processes that no longer run. */
export async function openArchiveFiles(directory: string, disk: Disk): Promise<ArchiveFiles> {
  const root = resolve(directory)
  const temporary = await openTemporaryFolder(join(root, 'tmp'), disk)
  /** Folders whose names are known to be synced. That a folder exists is not enough: another call may have just made it. */
  const durable = new Set<string>()
  const media = (id: MediaId): string => join(root, placeOf(id))
  const make = async (folder: string): Promise<void> => {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await sync(disk, root)
    durable.add(folder)
  }

  return {
    media,
    thumbnail: (id) => `${media(id)}${thumbnailSuffix}`,
    earlierThumbnail: (id) => `${media(id)}${earlierThumbnailSuffix}`,
    strip: (id) => `${media(id)}${stripSuffix}`,
    temporary,
    async place(from, target) {
      const folder = dirname(target)
      if (!durable.has(folder)) await make(folder)
      try {
        await disk.rename(from, target)
      } catch (error) {
        // Somebody may have removed the folder since.
        if (systemCode(error) !== 'ENOENT') throw error
        await make(folder)
        await disk.rename(from, target)
      }
      await sync(disk, folder)
    },
  }
}
