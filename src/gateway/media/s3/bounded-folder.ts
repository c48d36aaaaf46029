import type { TemporaryFolder } from '../archive/temporary-folder.ts'
import type { Disk } from '../disk.ts'

/** Has the code of a full disk, because that is what it is to a writer: room comes back when others are done. */
class FullBufferError extends Error {
  readonly code = 'ENOSPC'
}

/** A folder of temporary files that hold at most `mostBytes` together, as far as they are written through this disk. */
export function boundedFolder(
  folder: TemporaryFolder,
  disk: Disk,
  mostBytes: number,
): { folder: TemporaryFolder; disk: Disk } {
  const sizes = new Map<string, number>()
  let total = 0

  function take(path: string, bytes: number): void {
    if (total + bytes > mostBytes) throw new FullBufferError('The local buffer of the archive is full.')
    total += bytes
    sizes.set(path, (sizes.get(path) ?? 0) + bytes)
  }

  const open: Disk['open'] = async (path, flags) => {
    const file = await disk.open(path, flags)
    return {
      async writeFile(bytes) {
        take(path, bytes.byteLength)
        await file.writeFile(bytes)
      },
      sync: () => file.sync(),
      close: () => file.close(),
    }
  }

  return {
    disk: { ...disk, open },
    folder: {
      ...folder,
      async remove(path) {
        await folder.remove(path)
        total -= sizes.get(path) ?? 0
        sizes.delete(path)
      },
    },
  }
}
