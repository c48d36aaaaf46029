import { createReadStream } from 'node:fs'
import { mkdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { MediaId } from '../../domain/ids.ts'
import type { MediaFiles } from '../../ports/media/media-files.ts'
import { makeFolder, sync, systemDisk } from '../disk.ts'
import { systemCode } from '../machine-fault.ts'
import { isMediaId, pictureSuffixes } from './archive-files.ts'
import { createArchiveListing } from './archive-listing.ts'
import { hashFile, receive } from './receive.ts'

/** Bytes per read. */
const readBytes = 256 * 1024

/** The files of an archive in a folder, which need not exist. */
export function folderFiles(directory: string): MediaFiles {
  const root = resolve(directory)
  const listing = createArchiveListing(root)
  let made: Promise<void> | null = null

  function path(id: MediaId): string {
    if (!isMediaId(id)) throw new Error('This is not a valid media id.')
    return join(root, id.slice(-2), id)
  }

  return {
    async *list() {
      for (const part of await listing.parts().catch(unlessMissing([])))
        for (const { id } of await listing.mediaIn(part))
          // A picture may be there without its file.
          if ((await stat(path(id)).catch(unlessMissing(null))) !== null) yield id
    },
    size: async (id) => (await stat(path(id)).catch(unlessMissing(null)))?.size ?? null,
    facts: (id) => hashFile(path(id)).catch(unlessMissing(null)),
    read: (id) =>
      createReadStream(path(id), { highWaterMark: readBytes })
        // The reader gets the error too. Unhandled, an error before the first read would end the process.
        .on('error', () => undefined),
    async put(id, body, expected) {
      const target = path(id)
      made ??= makeFolder(systemDisk, root)
      await made
      const folder = dirname(target)
      if ((await mkdir(folder, { recursive: true, mode: 0o700 })) !== undefined) await sync(systemDisk, root)
      // No name of an archive, so that one that is left is not listed, and the next try replaces it.
      const draft = `${target}.moving`
      await rm(draft, { force: true })
      const rules = {
        maxBytes: expected.bytes,
        expectedBytes: null,
        accept: [],
        signal: new AbortController().signal,
      }
      try {
        const received = await receive(systemDisk, draft, body, rules)
        if (received.type === 'too_large') return false
        if (received.type !== 'received') throw new Error(received.message)
        if (received.sha256 !== expected.sha256) return false
        await rename(draft, target)
        await sync(systemDisk, folder)
        return true
      } finally {
        await rm(draft, { force: true })
      }
    },
    async removePictures(id) {
      for (const suffix of pictureSuffixes) await rm(path(id) + suffix, { force: true })
    },
  }
}

function unlessMissing<None>(none: None): (error: unknown) => None {
  return (error) => {
    if (systemCode(error) === 'ENOENT') return none
    throw error
  }
}
