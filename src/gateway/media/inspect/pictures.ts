import { readFile, stat, writeFile } from 'node:fs/promises'
import type { MediaId } from '../../domain/ids.ts'
import type { ArchiveFiles } from '../archive/archive-files.ts'
import type { TemporaryFolder } from '../archive/temporary-folder.ts'
import type { Written } from '../frames/frames.ts'
import { removeFile } from '../disk.ts'
import { systemCode } from '../machine-fault.ts'

interface Picture {
  contentType: string
  bytes: Uint8Array
}

export interface Pictures {
  /** Null if the file is missing or has no frame. Throws if no child process was free in time. */
  get(id: MediaId): Promise<Picture | null>
  /** The same as a file, which is there until `opened` is disposed of. */
  file(id: MediaId, opened: AsyncDisposableStack): Promise<string | null>
  forget(id: MediaId): Promise<void>
}

/** Where the pictures of one kind are kept, beside their files. */
export interface PictureShelf {
  temporary: TemporaryFolder
  /** Null if there is none yet. */
  read(id: MediaId): Promise<Uint8Array | null>
  hasMedia(id: MediaId): Promise<boolean>
  /** Runs `work` with the path of the file that the picture is of; null if it is missing. */
  withMedia<Result>(id: MediaId, work: (file: string) => Promise<Result>): Promise<Result | null>
  keep(tempFile: string, id: MediaId): Promise<void>
  remove(id: MediaId): Promise<void>
  /** The path of a picture that is kept; null where it has none. */
  path(id: MediaId): string | null
}

/**
 * Pictures of one kind, made on first use, never twice at a time. An empty one means: no frame. `draw` writes the picture
 * of a file to a new path.
 */
export function createPictures(
  shelf: PictureShelf,
  draw: (file: string, output: string) => Promise<Written>,
): Pictures {
  const making = new Map<MediaId, Promise<void>>()
  const { temporary } = shelf

  async function make(id: MediaId): Promise<void> {
    const tempFile = temporary.path()
    try {
      const written = await shelf.withMedia(id, (file) => draw(file, tempFile))
      if (written === null) return
      if (written.type === 'unusable') await writeFile(tempFile, '', { flag: 'w' })
      else if (written.type !== 'written') throw new Error(`No picture could be made. ${written.message}`)
      await shelf.keep(tempFile, id)
      if (!(await shelf.hasMedia(id))) await shelf.remove(id)
    } finally {
      await temporary.remove(tempFile)
    }
  }

  async function get(id: MediaId): Promise<Picture | null> {
    const found = await shelf.read(id)
    if (found !== null) return picture(found)
    if (!(await shelf.hasMedia(id))) return null
    const running = making.get(id) ?? make(id).finally(() => making.delete(id))
    making.set(id, running)
    await running
    return picture((await shelf.read(id)) ?? Buffer.alloc(0))
  }

  return {
    get,
    async file(id, opened) {
      const found = await get(id)
      const path = shelf.path(id)
      if (found === null || path !== null) return found && path
      const tempFile = temporary.path()
      opened.defer(() => temporary.remove(tempFile))
      await writeFile(tempFile, found.bytes, { flag: 'wx' })
      return tempFile
    },
    forget: (id) => shelf.remove(id),
  }
}

/** Pictures beside their files in a folder. The first of `pathsOf` is written; all of them are read and removed. */
export function createPictureFolder(
  files: ArchiveFiles,
  pathsOf: (id: MediaId) => readonly [string, ...string[]],
): PictureShelf {
  return {
    temporary: files.temporary,
    async read(id) {
      for (const each of pathsOf(id)) {
        const bytes = await read(each)
        if (bytes !== null) return bytes
      }
      return null
    },
    hasMedia: (id) => exists(files.media(id)),
    withMedia: (id, work) => work(files.media(id)),
    keep: (tempFile, id) => files.place(tempFile, pathsOf(id)[0]),
    async remove(id) {
      for (const each of pathsOf(id)) await removeFile(each)
    },
    path: (id) => pathsOf(id)[0],
  }
}

function picture(bytes: Uint8Array): Picture | null {
  return bytes.byteLength === 0 ? null : { contentType: 'image/webp', bytes }
}

async function read(path: string): Promise<Uint8Array | null> {
  try {
    return await readFile(path)
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null
    throw error
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
