import { chmod, copyFile, mkdir, readdir, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Config } from './config/settings.ts'
import { isMediaId } from './media/archive-files.ts'
import { hashFile } from './media/receive.ts'
import { backupDatabase } from './storage/backup-database.ts'

export interface BackupManifest {
  format: 'understudy-backup'
  version: 1
  created_at: string
  /** `copied` where the bytes are in the backup, below `media/`. `sha256` only then. */
  media: Array<{ name: string; bytes: number; sha256: string | null; copied: boolean }>
}

/**
 * Copies the database, the secrets and, where `media`, the archive of an installation, which may be running, into a new
 * folder that only this user can read. Throws when the folder exists.
 */
export async function writeBackup(
  config: { storage: Pick<Config['storage'], 'file'>; media: Pick<Config['media'], 'directory'> },
  { to, media, now }: { to: string; media: boolean; now: number },
): Promise<BackupManifest> {
  await mkdir(dirname(to), { recursive: true })
  await mkdir(to, { mode: 0o700 })
  const database = join(to, 'understudy.db')
  await writeFile(database, '', { mode: 0o600 })
  await backupDatabase(config.storage.file, database, now)
  const secrets = join(to, 'secrets.json')
  await copyFile(join(dirname(config.storage.file), 'secrets.json'), secrets)
  await chmod(secrets, 0o600)
  // After the database: whatever it names is there by now, or was removed since.
  const files = await mediaFiles(config.media.directory)
  const listed: BackupManifest['media'] = []
  for (const name of files) {
    const from = join(config.media.directory, name.slice(-2), name)
    const file = media ? await copyMedia(from, join(to, 'media', name.slice(-2)), name) : await sizeOf(from)
    if (file !== null) listed.push({ name, ...file, copied: media })
  }
  const manifest: BackupManifest = {
    format: 'understudy-backup',
    version: 1,
    created_at: new Date(now).toISOString(),
    media: listed,
  }
  await writeFile(join(to, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o600 })
  return manifest
}

async function mediaFiles(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(unlessMissing)
  return (entries ?? []).flatMap((entry) => (entry.isFile() && isMediaId(entry.name) ? [entry.name] : []))
}

async function sizeOf(file: string): Promise<{ bytes: number; sha256: null } | null> {
  const found = await stat(file).catch(unlessMissing)
  return found && { bytes: found.size, sha256: null }
}

/** Removed since it was listed: null. */
async function copyMedia(from: string, folder: string, name: string) {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const target = join(folder, name)
  const copied = await copyFile(from, target).then(() => true, unlessMissing)
  if (copied === null) return null
  await chmod(target, 0o600)
  const { bytes, sha256 } = await hashFile(target)
  return { bytes, sha256 }
}

function unlessMissing(error: unknown): null {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
  throw error
}
