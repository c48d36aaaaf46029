import { readFile, rm, stat, writeFile } from 'node:fs/promises'
import type { MediaId } from '../domain/ids.ts'
import type { ArchiveFiles } from './archive-files.ts'
import type { Frames } from './frames.ts'
import { systemCode } from './machine-trouble.ts'

interface Poster {
  contentType: string
  bytes: Uint8Array
}

export interface Posters {
  /**
   * Null when the file is missing or has no frame to show. Throws when no child process was free for it in time.
   */
  get(id: MediaId): Promise<Poster | null>
  forget(id: MediaId): Promise<void>
}

/** Posters beside their files, made on first use and at most once at a time. An empty poster file says: no frame. */
export function createPosters(files: ArchiveFiles, frames: Frames): Posters {
  const making = new Map<MediaId, Promise<void>>()

  async function make(id: MediaId): Promise<void> {
    const draft = files.temporary()
    try {
      const written = await frames.poster(files.media(id), draft)
      if (written.type === 'unusable') await writeFile(draft, '', { flag: 'w' })
      else if (written.type !== 'written') throw new Error(`No poster could be made. ${written.message}`)
      await files.place(draft, files.poster(id))
      if (!(await exists(files.media(id)))) await rm(files.poster(id), { force: true })
    } finally {
      await rm(draft, { force: true })
    }
  }

  return {
    async get(id) {
      const kept = await read(files.poster(id))
      if (kept !== null) return poster(kept)
      if (!(await exists(files.media(id)))) return null
      const running = making.get(id) ?? make(id).finally(() => making.delete(id))
      making.set(id, running)
      await running
      return poster((await read(files.poster(id))) ?? Buffer.alloc(0))
    },
    forget: (id) => rm(files.poster(id), { force: true }),
  }
}

function poster(bytes: Uint8Array): Poster | null {
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
