import { randomUUID } from 'node:crypto'
import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import type { MediaId } from '../../domain/ids.ts'
import { makeFolder, sync } from '../disk.ts'
import type { Disk } from '../disk.ts'

const mediaIdPattern = /^media_[0-9a-z]{26}$/
const temporaryPattern = /^(.+)~(\d+)~[0-9a-f-]{36}$/

/** How long temporary files of another machine are kept: there is no way to check whether their writer still runs. */
const foreignMs = 3600_000

export function isMediaId(text: unknown): text is MediaId {
  return typeof text === 'string' && mediaIdPattern.test(text)
}

/** The paths of an archive folder. All are absolute. */
export interface ArchiveFiles {
  media(id: MediaId): string
  thumbnail(id: MediaId): string
  /** Where earlier releases wrote the thumbnail. Still read and removed, no longer written. */
  earlierThumbnail(id: MediaId): string
  strip(id: MediaId): string
  /** A new path for an incomplete file. */
  temporary(): string
  /** Moves a synced temporary file to its final path, durably. */
  place(temporary: string, target: string): Promise<void>
}

/** Creates the folders and removes incomplete files of processes that no longer run. */
export async function openArchiveFiles(directory: string, disk: Disk): Promise<ArchiveFiles> {
  const root = resolve(directory)
  const tmpFolder = join(root, 'tmp')
  const host = hostname().replaceAll(/[^\w.-]/g, '_')
  await makeFolder(disk, tmpFolder)
  await sweep(tmpFolder, host)
  /** Folders whose names are known to be synced. That a folder exists is not enough: another call may have just made it. */
  const durable = new Set<string>()

  function media(id: MediaId): string {
    if (!isMediaId(id)) throw new Error('This is not a valid media id.')
    // Ids start with a timestamp; only their last characters spread evenly over folders.
    return join(root, id.slice(-2), id)
  }

  return {
    media,
    thumbnail: (id) => `${media(id)}.thumbnail.webp`,
    earlierThumbnail: (id) => `${media(id)}.poster.webp`,
    strip: (id) => `${media(id)}.strip.webp`,
    temporary: () => join(tmpFolder, `${host}~${process.pid}~${randomUUID()}`),
    async place(temporary, target) {
      const folder = dirname(target)
      const made = await mkdir(folder, { recursive: true, mode: 0o700 })
      if (made !== undefined || !durable.has(folder)) await sync(disk, root)
      durable.add(folder)
      await disk.rename(temporary, target)
      await sync(disk, folder)
    },
  }
}

async function sweep(folder: string, host: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name)
    const written = await stat(path).then(
      (facts) => facts.mtimeMs,
      () => null,
    )
    if (written !== null && isLeftBehind(name, written, host))
      await rm(path, { force: true, recursive: true })
  }
}

/** Several processes may share the folder, so age alone does not distinguish a leftover from a download in progress. */
function isLeftBehind(name: string, writtenAt: number, host: string): boolean {
  if (writtenAt >= performance.timeOrigin) return false
  const [, writerHost, writerPid] = temporaryPattern.exec(name) ?? []
  if (writerHost === undefined) return true
  if (writerHost !== host) return writtenAt < performance.timeOrigin - foreignMs
  return Number(writerPid) === process.pid || !isRunning(Number(writerPid))
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
