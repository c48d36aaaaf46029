import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { SQLInputValue } from 'node:sqlite'
import type { Test } from 'tap'
import { Client } from 'pg'
import { numberTypes } from '../../src/gateway/storage/postgres/number-types.ts'

/**
 * The URL of a migrated database, for runs of these tests on PostgreSQL: each gateway then has a copy of it. Absent, each has a
 * SQLite file.
 */
// oxlint-disable-next-line node/no-process-env
const template = process.env['UNDERSTUDY_TEST_STORAGE'] ?? ''

export const isOnServer = template !== ''

/** Few, because several gateways of several test files share one server. */
const connections = 5

/** By folder: where its database is, and a connection of the test to it. */
const made = new Map<string, { url: string; client: Client }>()

/** Gives the gateway of this folder a database of its own, which is removed with the test. */
export async function createTestStorage(t: Test, directory: string): Promise<void> {
  if (!isOnServer || made.has(directory)) return
  const url = new URL(template)
  const name = `copy_${process.pid}_${made.size}`
  await administer(`create database ${name} template ${url.pathname.slice(1)}`)
  url.pathname = `/${name}`
  const client = new Client({ connectionString: url.href, types: numberTypes })
  await client.connect()
  made.set(directory, { url: url.href, client })
  t.teardown(async () => {
    await client.end()
    await administer(`drop database ${name} with (force)`)
  })
}

/** Runs a statement beside the gateway of this folder, in a transaction of its own. Values are written `?`. */
export async function queryStorage(
  directory: string,
  text: string,
  values: readonly SQLInputValue[] = [],
): Promise<Array<Record<string, unknown>>> {
  const server = made.get(directory)
  if (server === undefined) {
    using file = new DatabaseSync(`${directory}/understudy.db`, { timeout: 5000 })
    return file
      .prepare(text)
      .all(...values)
      .map((row) => ({ ...row }))
  }
  let place = 0
  const numbered = text.replaceAll('?', () => `$${++place}`)
  const { rows }: { rows: Array<Record<string, unknown>> } = await server.client.query(numbered, [...values])
  return rows
}

/** All that the database of this folder holds, as bytes, by the names of files or tables. */
export async function storedBytes(directory: string): Promise<Map<string, Buffer>> {
  const found = new Map<string, Buffer>()
  const server = made.get(directory)
  if (server === undefined) {
    for (const name of await readdir(directory))
      if (name.startsWith('understudy.db')) found.set(name, await readFile(join(directory, name)))
    return found
  }
  const tables = await queryStorage(
    directory,
    `select tablename as name from pg_tables where schemaname = 'public'`,
  )
  for (const { name } of tables) {
    const rows = await queryStorage(directory, `select each::text as row from ${String(name)} as each`)
    found.set(String(name), Buffer.from(rows.map(({ row }) => String(row)).join('\n')))
  }
  return found
}

/** The server counts by a clock that stands still at this instant. Does nothing where a process counts by its own. */
export async function holdStorageClock(directory: string, now: number): Promise<void> {
  const text = `create or replace function database_ms() returns double precision language sql volatile as
    'select ${now}::double precision'`
  await made.get(directory)?.client.query(text)
}

/** The section `storage` of the configuration for this folder. */
export function storageSection(directory: string): object {
  const server = made.get(directory)
  return server === undefined
    ? { url: `sqlite:${directory}/understudy.db` }
    : { url: server.url, connections }
}

async function administer(statement: string): Promise<void> {
  const url = new URL(template)
  url.pathname = '/postgres'
  const client = new Client({ connectionString: url.href })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
