import type { Test } from 'tap'
import { Client } from 'pg'

/**
 * The URL of a migrated database, for runs of these tests on PostgreSQL: each gateway then has a copy of it. Absent, each has a
 * SQLite file.
 */
// oxlint-disable-next-line node/no-process-env
const template = process.env['UNDERSTUDY_TEST_STORAGE'] ?? ''

export const isOnServer = template !== ''

/** Few, because several gateways of several test files share one server. */
const connections = 5

const made = new Map<string, string>()

/** Gives the gateway of this folder a database of its own, which is removed with the test. */
export async function createTestStorage(t: Test, directory: string): Promise<void> {
  if (!isOnServer || made.has(directory)) return
  const url = new URL(template)
  const name = `copy_${process.pid}_${made.size}`
  await administer(`create database ${name} template ${url.pathname.slice(1)}`)
  url.pathname = `/${name}`
  made.set(directory, url.href)
  t.teardown(() => administer(`drop database ${name} with (force)`))
}

/** The section `storage` of the configuration for this folder. */
export function storageSection(directory: string): object {
  const url = made.get(directory)
  return url === undefined ? { url: `sqlite:${directory}/understudy.db` } : { url, connections }
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
