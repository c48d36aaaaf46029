import { unlink } from 'node:fs'
import { mkdir, open, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/**
 * The file operations that determine what survives a full disk or a power failure. Injected, so that tests can check
 * their order.
 */
export interface Disk {
  /** `wx` creates a new file for writing; `r` opens a file or folder to sync it. */
  open(path: string, flags: 'wx' | 'r'): Promise<DiskFile>
  rename(from: string, to: string): Promise<void>
}

export interface DiskFile {
  writeFile(bytes: Uint8Array): Promise<void>
  sync(): Promise<void>
  close(): Promise<void>
}

export const systemDisk: Disk = { open: (path, flags) => open(path, flags, 0o600), rename }

/** Flushes a file, or the entries of a folder, to the disk. */
export async function sync(disk: Disk, path: string): Promise<void> {
  const handle = await disk.open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/**
 * Does nothing where there is no such file. Most files that are to be removed are not there, and `rm` asks the disk three times
 * for each of them and makes an error with a stack.
 */
export function removeFile(path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    unlink(path, (error) => {
      if (error === null || error.code === 'ENOENT') resolve()
      else reject(error)
    })
  })
}

/** Creates a folder and its parents. Each new entry is synced: a file is only as durable as the path to it. */
export async function makeFolder(disk: Disk, path: string): Promise<void> {
  const made = await mkdir(path, { recursive: true, mode: 0o700 })
  if (made === undefined) return
  const first = dirname(made)
  for (let folder = dirname(path); ; folder = join(folder, '..')) {
    await sync(disk, folder)
    if (folder === first) return
  }
}
