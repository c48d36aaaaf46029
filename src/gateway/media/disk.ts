import { mkdir, open, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** The calls that decide what a full disk or a power cut leaves behind. Given in, so that tests see their order. */
export interface Disk {
  /** `wx` makes a new file to write; `r` opens a file or a folder to sync it. */
  open(path: string, flags: 'wx' | 'r'): Promise<DiskFile>
  rename(from: string, to: string): Promise<void>
}

export interface DiskFile {
  writeFile(bytes: Uint8Array): Promise<void>
  sync(): Promise<void>
  close(): Promise<void>
}

export const systemDisk: Disk = { open: (path, flags) => open(path, flags, 0o600), rename }

/** Flushes a file, or the names in a folder, to the disk. */
export async function sync(disk: Disk, path: string): Promise<void> {
  const handle = await disk.open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Makes a folder and those above it. Each new name is synced: a file is only as durable as the path to it. */
export async function makeFolder(disk: Disk, path: string): Promise<void> {
  const made = await mkdir(path, { recursive: true, mode: 0o700 })
  if (made === undefined) return
  const first = dirname(made)
  for (let folder = dirname(path); ; folder = join(folder, '..')) {
    await sync(disk, folder)
    if (folder === first) return
  }
}
