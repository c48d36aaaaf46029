import { link, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Replaces a file atomically; it is synced when this resolves. Permissions are set before the first byte. */
export async function replaceFile(path: string, text: string, mode = 0o644): Promise<void> {
  await throughDraft(path, text, mode, (draft) => rename(draft, path))
}

/** The same for a file that must not exist yet; returns false if it does. */
export async function createFile(path: string, text: string, mode = 0o644): Promise<boolean> {
  try {
    await throughDraft(path, text, mode, (draft) => link(draft, path))
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}

async function throughDraft(
  path: string,
  text: string,
  mode: number,
  publish: (draft: string) => Promise<void>,
): Promise<void> {
  const draft = `${path}.${process.pid}.part`
  try {
    const file = await open(draft, 'w', mode)
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    await publish(draft)
  } finally {
    await rm(draft, { force: true })
  }
  await syncFolder(dirname(path))
}

/** Windows cannot open folders; its file systems sync file names on their own. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
