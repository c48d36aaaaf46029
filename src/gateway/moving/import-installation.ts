import { mkdir, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { folderFiles } from '../media/archive/folder-files.ts'
import { isMediaId } from '../media/archive/archive-files.ts'
import { hashFile } from '../media/archive/receive.ts'
import type { MediaFiles } from '../ports/media/media-files.ts'
import { lockForThisProcess } from '../storage/engine/process-lock.ts'
import { openCopy } from '../storage/moving/copy-file.ts'
import { differing } from '../storage/moving/differing.ts'
import { draftOf, importToFile } from '../storage/moving/import-file.ts'
import { completeImport, importToServer } from '../storage/moving/import-server.ts'
import type { TableFacts } from '../storage/moving/rows.ts'
import { openSession } from '../storage/moving/server-session.ts'
import { importMedia, type MediaReport } from './copy-media.ts'
import { synced, unlessMissing, writePrivate } from './durable-files.ts'
import type { DataPlace } from './export-installation.ts'
import { manifestSchema, type Manifest } from './manifest.ts'

export interface ImportReport {
  tables: Array<{ copy: TableFacts; server: TableFacts }>
  /** The names of tables that are not equal. */
  differing: string[]
  media: MediaReport
  /** How many media files the export has. */
  mediaListed: number
  /** Whether an earlier call had ended already. */
  wasComplete: boolean
  /** Whether the original sends nothing any more. */
  moved: boolean
}

/**
 * Copies a backup or an export into an empty installation on either engine, or goes on where the same import was interrupted, and
 * compares both. A gateway that starts from it holds its work until it is released. Where rows differ, none can start.
 * @throws Error that says what to do.
 */
export async function importInstallation(
  from: string,
  place: DataPlace,
  archive: MediaFiles,
): Promise<ImportReport> {
  const manifest = await readManifest(from)
  const copyFile = join(from, 'understudy.db')
  const { bytes, sha256 } = await hashFile(copyFile)
  const said = manifest.database
  if (said !== undefined && (said.sha256 !== sha256 || said.bytes !== bytes))
    throw new Error(`${copyFile} was changed since it was exported: its checksum differs. Export it again.`)
  const secrets = await readSecrets(from)
  const moveMedia = () => importMedia(manifest.media, folderFiles(join(from, 'media')), archive, isMediaId)
  const records =
    place.type === 'sqlite'
      ? await intoFile({ copyFile, id: sha256, secrets }, place.file, moveMedia)
      : await intoServer({ copyFile, id: sha256, secrets }, place, moveMedia)
  return { ...records, mediaListed: manifest.media.length, moved: manifest.moved === true }
}

interface Source {
  copyFile: string
  /** The checksum of the database. */
  id: string
  secrets: { text: string; values: Record<string, string> }
}

type Records = Omit<ImportReport, 'mediaListed' | 'moved'>

async function intoServer(
  { copyFile, id, secrets }: Source,
  { settings }: DataPlace & { type: 'postgres' },
  moveMedia: () => Promise<MediaReport>,
): Promise<Records> {
  using copy = openCopy(copyFile)
  await using session = await openSession(settings)
  const { queries } = session
  const { tables, wasComplete } = await importToServer(queries, copy, { id, secrets: secrets.values })
  const media = await moveMedia()
  const wrong = differencesIn(tables)
  if (!wasComplete && wrong.length === 0) await completeImport(queries, id)
  return { tables, differing: wrong, media, wasComplete }
}

/** The database gets its name last, so that no gateway starts without its secrets and media. */
async function intoFile(
  { copyFile, id, secrets }: Source,
  file: string,
  moveMedia: () => Promise<MediaReport>,
): Promise<Records> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  const lock = lockForThisProcess(file)
  try {
    const { tables, wasComplete } = importToFile(copyFile, file, id)
    const beside = join(dirname(file), 'secrets.json')
    const found = await readFile(beside, 'utf8').catch(unlessMissing)
    if (found !== null && found !== secrets.text)
      throw new Error(`${beside} belongs to another installation. Name an empty folder in storage.url.`)
    if (found === null) await writePrivate(beside, secrets.text)
    const media = await moveMedia()
    const wrong = differencesIn(tables)
    if (!wasComplete && wrong.length === 0) {
      await synced(draftOf(file))
      await rename(draftOf(file), file)
      await synced(dirname(file))
    }
    return { tables, differing: wrong, media, wasComplete }
  } finally {
    lock.release()
    await rm(`${file}.lock-journal`, { force: true })
  }
}

function differencesIn(tables: ImportReport['tables']): string[] {
  return differing(
    tables.map(({ copy }) => copy),
    tables.map(({ server }) => server),
  )
}

async function readManifest(from: string): Promise<Manifest> {
  const file = join(from, 'manifest.json')
  const text = await readFile(file, 'utf8').catch(unlessMissing)
  if (text === null)
    throw new Error(
      `${file} does not exist. Name the folder of a backup or an export that has ended, without ".partial".`,
    )
  const parsed = manifestSchema.safeParse(jsonOf(text))
  if (!parsed.success) throw new Error(`${file} is not the manifest of a backup of this release.`)
  return parsed.data
}

async function readSecrets(from: string): Promise<Source['secrets']> {
  const file = join(from, 'secrets.json')
  const text = await readFile(file, 'utf8').catch(unlessMissing)
  const parsed = z.record(z.string(), z.string()).safeParse(text === null ? null : jsonOf(text))
  // Not repeated: parts of it may be secrets.
  if (text === null || !parsed.success) throw new Error(`${file} is missing or damaged. Export again.`)
  return { text, values: parsed.data }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
