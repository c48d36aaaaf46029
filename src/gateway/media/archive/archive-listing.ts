import { readdir, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { MediaId } from '../../domain/ids.ts'
import type { ArchiveListing } from '../../ports/media/archive-listing.ts'
import { isMediaId } from './archive-files.ts'
import { systemCode } from '../machine-fault.ts'

export const partPattern = /^[0-9a-z]{2}$/
// Earlier releases called a thumbnail a poster.
export const picturePattern = /\.(?:thumbnail|poster|strip)\.webp$/

/** Lists only file names that the archive itself uses. */
export function createArchiveListing(directory: string): ArchiveListing {
  const root = resolve(directory)
  return {
    async parts() {
      return (await readdir(root)).filter((name) => partPattern.test(name))
    },
    async mediaIn(part) {
      const changed = new Map<MediaId, number>()
      for (const name of await orNone(readdir(join(root, part)), [])) {
        const id = name.replace(picturePattern, '')
        if (!isMediaId(id) || !id.endsWith(part)) continue
        // `ctime`, not `mtime`: a copy may be a hard link to a file that was written long before.
        const facts = await orNone(stat(join(root, part, name)), null)
        if (facts !== null) changed.set(id, Math.max(changed.get(id) ?? 0, facts.ctimeMs))
      }
      return [...changed].map(([id, changedAt]) => ({ id, changedAt }))
    },
    // Incomplete files of processes that ended are removed when the folder is opened.
    abandonUploads: () => Promise.resolve(0),
  }
}

async function orNone<Found, None>(found: Promise<Found>, none: None): Promise<Found | None> {
  try {
    return await found
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return none
    throw error
  }
}
