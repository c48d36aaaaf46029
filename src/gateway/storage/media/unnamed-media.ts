import { DatabaseSync } from 'node:sqlite'
import { isMainThread, parentPort, workerData } from 'node:worker_threads'
import { z } from 'zod'
import type { MediaId } from '../../domain/ids.ts'
import { askReader, giveWay } from '../engine/reader-thread.ts'

const mediaIds = z.array(z.templateLiteral(['media_', z.string()]))
const request = z.object({ searchedFile: z.string(), ids: mediaIds })

/** The time limit for reading every record. A million take about ten seconds. */
const TIME_LIMIT_MS = 10 * 60_000

/** Returns the ids that no record and no unfinished attempt refers to. Reads all records, in a separate thread. */
export async function unnamedIn(
  file: string,
  ids: readonly MediaId[],
  signal: AbortSignal,
): Promise<MediaId[]> {
  const asked = { name: 'looking for unreferenced files', limitMs: TIME_LIMIT_MS, signal }
  return mediaIds.parse(await askReader(import.meta.url, { searchedFile: file, ids }, asked))
}

/** Reads every table with a `doc` column, so that a table added later is included automatically. */
const tablesWithDocuments = `select tables.name from sqlite_master as tables
  join pragma_table_info(tables.name) as columns on columns.name = 'doc' where tables.type = 'table'`

function search(database: DatabaseSync, ids: readonly string[]): string[] {
  const left = new Set(ids)
  // Everything below reads from one snapshot.
  database.exec('begin')
  for (const { id } of database.prepare('select id from attempts where ended_at is null').iterate()) {
    left.delete(String(id).replace(/^att_/, 'media_'))
  }
  for (const { name } of database.prepare(tablesWithDocuments).all()) {
    for (const { doc } of database.prepare(`select doc from "${String(name)}"`).iterate()) {
      for (const [id] of String(doc).matchAll(/media_[0-9a-z]{26}/g)) left.delete(id)
    }
  }
  return [...left]
}

if (!isMainThread) {
  const asked = request.safeParse(workerData)
  if (asked.success) {
    giveWay()
    using database = new DatabaseSync(asked.data.searchedFile, { readOnly: true, timeout: 2000 })
    parentPort?.postMessage(search(database, asked.data.ids), [])
  }
}
