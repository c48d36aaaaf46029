import { readFile, rm, stat, writeFile } from 'node:fs/promises'
import type { MediaId } from '../../domain/ids.ts'
import type { ArchiveFiles } from '../archive/archive-files.ts'
import type { Written } from '../frames/frames.ts'
import { systemCode } from '../machine-fault.ts'

interface Picture {
  contentType: string
  bytes: Uint8Array
}

export interface Pictures {
  /** Null if the file is missing or has no frame. Throws if no child process was free in time. */
  get(id: MediaId): Promise<Picture | null>
  /** The path of the picture after `get`; the file is empty if there is no frame. */
  path(id: MediaId): string
  forget(id: MediaId): Promise<void>
}

/**
 * Pictures of one kind, stored beside their files and made on first use, never twice at a time. An empty picture file
 * means: no frame. The first of `pathsOf` is written; all of them are read and removed. `draw` writes the picture of a
 * file to a new path.
 */
export function createPictures(
  files: ArchiveFiles,
  pathsOf: (id: MediaId) => readonly [string, ...string[]],
  draw: (file: string, output: string) => Promise<Written>,
): Pictures {
  const making = new Map<MediaId, Promise<void>>()
  const path = (id: MediaId): string => pathsOf(id)[0]

  async function kept(id: MediaId): Promise<Uint8Array | null> {
    for (const each of pathsOf(id)) {
      const bytes = await read(each)
      if (bytes !== null) return bytes
    }
    return null
  }

  async function make(id: MediaId): Promise<void> {
    const tempFile = files.temporary()
    try {
      const written = await draw(files.media(id), tempFile)
      if (written.type === 'unusable') await writeFile(tempFile, '', { flag: 'w' })
      else if (written.type !== 'written') throw new Error(`No picture could be made. ${written.message}`)
      await files.place(tempFile, path(id))
      if (!(await exists(files.media(id)))) await rm(path(id), { force: true })
    } finally {
      await rm(tempFile, { force: true })
    }
  }

  return {
    async get(id) {
      const found = await kept(id)
      if (found !== null) return picture(found)
      if (!(await exists(files.media(id)))) return null
      const running = making.get(id) ?? make(id).finally(() => making.delete(id))
      making.set(id, running)
      await running
      return picture((await kept(id)) ?? Buffer.alloc(0))
    },
    path,
    async forget(id) {
      for (const each of pathsOf(id)) await rm(each, { force: true })
    },
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
