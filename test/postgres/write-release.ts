import { fileURLToPath } from 'node:url'
import t from 'tap'
import { postgresDatabases } from './databases.ts'

/** Run once for each release, after that of SQLite: writes what `test/fixtures/storage/write-release.ts` leaves on PostgreSQL. */
t.setTimeout(300_000)
const { create } = await postgresDatabases(t)
const path = fileURLToPath(new URL('../fixtures/storage/write-release.ts', import.meta.url))
await t.spawn(process.execPath, [path], {
  // oxlint-disable-next-line node/no-process-env
  env: { ...process.env, UNDERSTUDY_TEST_STORAGE: await create() },
})
