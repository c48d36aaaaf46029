import { randomBytes } from 'node:crypto'
import { lstat, mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { Config, SqliteStorage } from './config/settings.ts'
import { isMediaId } from './media/archive/archive-files.ts'
import { hashFile } from './media/archive/receive.ts'
import { copyPrivate, synced, unlessMissing } from './moving/durable-files.ts'
import { manifestText, type Manifest } from './moving/manifest.ts'
import { backupDatabase } from './storage/engine/backup-database.ts'

type Installation = {
  storage: Config['storage']
  media: Pick<Config['media'], 'directory'> & Partial<Pick<Config['media'], 's3'>>
}

const elsewhere =
  'the data is in PostgreSQL. Back it up with pg_dump, and the media folder after that: see docs/SCALE.md#backup-and-restore.'

const inBucket = 'the media are in S3. Leave out --media, and back up the bucket.'

/**
 * Copies the database, the secrets and, where `media`, the archive of an installation, which may be running, into a new
 * folder that only this user can read. The folder gets its name once everything is on the disk: until then, and after a
 * kill, it is `….partial-…`. Throws when the folder exists, and for data in PostgreSQL.
 */
export async function writeBackup(
  config: Installation,
  { to, media, now }: { to: string; media: boolean; now: number },
): Promise<Manifest> {
  const target = resolve(to)
  if ((await lstat(target).catch(unlessMissing)) !== null)
    throw new Error(`${to} already exists. Choose a new folder.`)
  const { storage } = config
  if (storage.type === 'postgres') throw new Error(elsewhere)
  if (media && config.media.s3 != null) throw new Error(inBucket)
  await mkdir(dirname(target), { recursive: true })
  const partial = `${target}.partial-${randomBytes(4).toString('hex')}`
  await mkdir(partial, { mode: 0o700 })
  try {
    const manifest = await fill(partial, { ...config, storage }, media, now)
    await rename(partial, target)
    await synced(dirname(target))
    return manifest
  } catch (error) {
    await rm(partial, { recursive: true, force: true })
    throw error
  }
}

async function fill(
  to: string,
  config: Installation & { storage: SqliteStorage },
  media: boolean,
  now: number,
): Promise<Manifest> {
  const database = join(to, 'understudy.db')
  await writeFile(database, '', { mode: 0o600 })
  await backupDatabase(config.storage.file, database, now)
  await synced(database)
  await copyPrivate(join(dirname(config.storage.file), 'secrets.json'), join(to, 'secrets.json'))
  // After the database: whatever it names is there by now, or was removed since.
  const files = await mediaFiles(config.media.directory)
  const listed: Manifest['media'] = []
  for (const name of files) {
    const from = join(config.media.directory, name.slice(-2), name)
    const file = media ? await copyMedia(from, join(to, 'media', name.slice(-2)), name) : await sizeOf(from)
    if (file !== null) listed.push({ name, ...file, copied: media })
  }
  const manifest: Manifest = {
    format: 'understudy-backup',
    version: 1,
    created_at: new Date(now).toISOString(),
    database: await hashFile(database),
    media: listed,
  }
  const file = join(to, 'manifest.json')
  await writeFile(file, manifestText(manifest), { mode: 0o600, flush: true })
  await synced(to)
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
  const copied = await copyPrivate(from, target).then(() => true, unlessMissing)
  if (copied === null) return null
  const { bytes, sha256 } = await hashFile(target)
  return { bytes, sha256 }
}
