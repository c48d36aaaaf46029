import { chmod, copyFile, open, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Copies a file that only its owner may read, durably. */
export async function copyPrivate(from: string, to: string): Promise<void> {
  await copyFile(from, to)
  await chmod(to, 0o600)
  await synced(to)
}

/** Waits until a file, or what a folder names, is on the disk. */
export async function synced(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Writes a file that only its owner may read: whole or not at all. */
export async function writePrivate(file: string, text: string): Promise<void> {
  const draft = `${file}.draft`
  await writeFile(draft, text, { mode: 0o600, flush: true })
  await rename(draft, file)
  await synced(dirname(file))
}

export function unlessMissing(error: unknown): null {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
  throw error
}
