import { lstat, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { hashFile } from '../media/archive/receive.ts'
import { folderFiles } from '../media/archive/folder-files.ts'
import type { MediaFiles } from '../ports/media/media-files.ts'
import { lockForThisProcess } from '../storage/engine/process-lock.ts'
import { exportFile } from '../storage/moving/export-file.ts'
import { exportServer } from '../storage/moving/export-server.ts'
import { markFile, markServer, takeBackFile, takeBackServer } from '../storage/moving/moved-mark.ts'
import { nodesAtWork, openSession, secretsOnServer, type Queries } from '../storage/moving/server-session.ts'
import type { PostgresSettings } from '../storage/postgres/postgres-settings.ts'
import { exportMedia } from './copy-media.ts'
import { synced, unlessMissing, writePrivate } from './durable-files.ts'
import { manifestText, type Manifest } from './manifest.ts'

/** Where the records of an installation are. */
export type DataPlace = { type: 'sqlite'; file: string } | { type: 'postgres'; settings: PostgresSettings }

export interface ExportOptions {
  /** A new folder. It gets its name once everything is on the disk: until then, and after a kill, it is `….partial`. */
  to: string
  /** Whether to copy the bytes of media. */
  media: boolean
  /** Whether the installation moves away: then nothing may work on it, and it sends nothing any more. */
  moves: boolean
  /** Ms since the epoch. */
  now: number
}

/**
 * Writes a backup of an installation on either engine. Run again after an interruption, it reads the records anew and keeps the
 * media files that are there. @throws Error that says what to do.
 */
export async function exportInstallation(
  place: DataPlace,
  archive: MediaFiles,
  options: ExportOptions,
): Promise<Manifest> {
  const target = resolve(options.to)
  if ((await lstat(target).catch(unlessMissing)) !== null)
    throw new Error(`${options.to} already exists. Choose a new folder.`)
  const partial = `${target}.partial`
  await mkdir(partial, { recursive: true, mode: 0o700 })
  const own = lockForThisProcess(join(partial, 'export'))
  try {
    const database = join(partial, 'understudy.db')
    for (const ending of ['', '-wal', '-shm', '-journal', '.lock'])
      await rm(`${database}${ending}`, { force: true })
    await writeFile(database, '', { mode: 0o600 })
    const secrets = await exportRecords(place, database, { ...options, to: target })
    await writePrivate(join(partial, 'secrets.json'), secrets)
    await synced(database)
    // After the database: whatever it names is there by now, or was removed since.
    const media = await exportMedia(archive, options.media ? folderFiles(join(partial, 'media')) : null)
    const manifest: Manifest = {
      format: 'understudy-backup',
      version: 1,
      created_at: new Date(options.now).toISOString(),
      database: await hashFile(database),
      moved: options.moves,
      media,
    }
    await writePrivate(join(partial, 'manifest.json'), manifestText(manifest))
    await rename(partial, target)
    await synced(dirname(target))
    return manifest
  } finally {
    own.release()
    for (const folder of [partial, target])
      for (const ending of ['', '-journal']) await rm(join(folder, `export.lock${ending}`), { force: true })
  }
}

/** Returns the text of `secrets.json`. */
async function exportRecords(
  place: DataPlace,
  database: string,
  { moves, to, now }: ExportOptions,
): Promise<string> {
  if (place.type === 'sqlite') {
    const lock = moves ? lockForThisProcess(place.file) : null
    try {
      if (moves) markFile(place.file, { at: now, to })
      await exportFile(place.file, database, now)
    } finally {
      lock?.release()
    }
    return readFile(join(dirname(place.file), 'secrets.json'), 'utf8')
  }
  await using session = await openSession(place.settings)
  const { queries } = session
  if (moves) {
    await expectNoNodes(queries)
    await markServer(queries, { at: now, to })
    // One that started meanwhile may not have seen the mark.
    await expectNoNodes(queries)
  }
  await exportServer(queries, database, now)
  return `${JSON.stringify(await secretsOnServer(queries), null, 2)}\n`
}

/** Forgets that an installation moved away. It stays held until it is released. Returns false if it was not moved. */
export async function takeBack(place: DataPlace): Promise<boolean> {
  if (place.type === 'sqlite') {
    const lock = lockForThisProcess(place.file)
    try {
      return takeBackFile(place.file)
    } finally {
      lock.release()
    }
  }
  await using session = await openSession(place.settings)
  await expectNoNodes(session.queries)
  return await takeBackServer(session.queries)
}

async function expectNoNodes(queries: Queries): Promise<void> {
  const nodes = await nodesAtWork(queries)
  if (nodes.length > 0)
    throw new Error(
      `A gateway is at work on the database (${nodes.join(', ')}). Stop it and try again; after a crash, wait 20 seconds.`,
    )
}
