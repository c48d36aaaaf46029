import type { Disk } from '../disk.ts'
import type { TemporaryFolder } from './temporary-folder.ts'

/** Why a small test file cannot be written, for operators; null where it can. */
export async function writeFault(disk: Disk, folder: TemporaryFolder): Promise<string | null> {
  const path = folder.path()
  try {
    const file = await disk.open(path, 'wx')
    try {
      await file.writeFile(Buffer.from('writable'))
    } finally {
      await file.close()
    }
    return null
  } catch {
    return 'The archive is not writable. Check the disk and its permissions.'
  } finally {
    await folder.remove(path).catch(() => undefined)
  }
}
