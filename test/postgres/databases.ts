import type { Test } from 'tap'
import type { Database } from '../../src/gateway/storage/engine/database.ts'
import { openPostgres } from '../../src/gateway/storage/postgres/open-postgres.ts'
import { startPostgres, type PostgresServer } from './server.ts'

const template = 'migrated'
/** A test alone does not need more. */
const connections = 5

export interface Databases {
  server: PostgresServer
  /** A database of the test alone, which is closed with it. */
  open: (t: Test) => Promise<Database>
  /** The URL of a new database that is migrated. */
  create: () => Promise<string>
}

/** One server for the tests of a file. A database is a copy of one that is migrated, which takes less than 100 ms. */
export async function postgresDatabases(t: Test): Promise<Databases> {
  const server = await startPostgres()
  t.teardown(() => server.remove())
  const migrated = await openPostgres({ url: await server.database(template), connections })
  await migrated.close()
  let made = 0

  async function create(): Promise<string> {
    const name = `copy_${++made}`
    await server.query(server.url('postgres'), `create database ${name} template ${template}`)
    return server.url(name)
  }

  return {
    server,
    create,
    async open(t) {
      const database = await openPostgres({ url: await create(), connections })
      t.teardown(() => database.close())
      return database
    },
  }
}
