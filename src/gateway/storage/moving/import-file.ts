import { chmodSync, copyFileSync, existsSync, rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { z } from 'zod'
import { checkCopy, factsOfCopy, openCopy, tablesOf } from './copy-file.ts'
import { importName } from './moved-tables.ts'
import type { TableFacts } from './rows.ts'

const valueRow = z.object({ value: z.string() })

/** Where the database lies until the import has ended. */
export const draftOf = (file: string): string => `${file}.importing`

/**
 * Copies a copy beside the place of an embedded database, where no gateway finds it, and compares both. `id`: of the copy. Where
 * the same copy was imported before, compares with that.
 * @throws Error when there is another database.
 */
export function importToFile(
  copyFile: string,
  file: string,
  id: string,
): { tables: Array<{ copy: TableFacts; server: TableFacts }>; wasComplete: boolean } {
  using copy = openCopy(copyFile)
  checkCopy(copy)
  const tables = tablesOf(copy)
  const wasComplete = existsSync(file)
  if (wasComplete && importedId(file) !== id)
    throw new Error(`${file} exists and is not of this import. Name a new file in storage.url.`)
  const draft = draftOf(file)
  if (!wasComplete) {
    // What belongs to a database that is gone would be taken for a part of this one.
    for (const path of [draft, `${file}-wal`, `${file}-shm`]) rmSync(path, { force: true })
    copyFileSync(copyFile, draft)
    chmodSync(draft, 0o600)
    using marked = new DatabaseSync(draft)
    marked
      .prepare('insert into installation (name, value) values (?, ?)')
      .run(importName, JSON.stringify({ id }))
  }
  using written = openCopy(wasComplete ? file : draft)
  const there = factsOfCopy(written, tables)
  return {
    wasComplete,
    tables: factsOfCopy(copy, tables).flatMap((facts) => {
      const server = there.find(({ name }) => name === facts.name)
      return server === undefined ? [] : [{ copy: facts, server }]
    }),
  }
}

function importedId(file: string): string | null {
  using database = openCopy(file)
  const found = database
    .prepare("select 1 from sqlite_master where type = 'table' and name = 'installation'")
    .get()
  if (found === undefined) return null
  const row = database.prepare('select value from installation where name = ?').get(importName)
  if (row === undefined) return null
  const value: unknown = JSON.parse(valueRow.parse(row).value)
  return z.object({ id: z.string() }).parse(value).id
}
