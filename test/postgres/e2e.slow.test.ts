import { fileURLToPath } from 'node:url'
import t from 'tap'
import { postgresDatabases } from './databases.ts'
import { skipsPostgres } from './server.ts'

const skip = skipsPostgres()
if (skip !== false) {
  t.comment(skip)
  process.exit(0)
}

/** One of each kind of work. `UNDERSTUDY_TEST_STORAGE` runs any other of `test/e2e` in the same way. */
const files = [
  'idempotency.test.ts',
  'once-only.test.ts',
  'budget.test.ts',
  'characters.test.ts',
  'failing-deliveries.test.ts',
  'hanging-series.test.ts',
  'crashing-series.test.ts',
  'crashing-characters.slow.test.ts',
  'events.test.ts',
]

const { create } = await postgresDatabases(t)
const template = await create()

for (const file of files) {
  const path = fileURLToPath(new URL(`../e2e/${file}`, import.meta.url))
  await t.spawn(process.execPath, [path], {
    // oxlint-disable-next-line node/no-process-env
    env: { ...process.env, UNDERSTUDY_TEST_STORAGE: template, TAP_TIMEOUT: '100' },
    name: `${file} on PostgreSQL`,
  })
}
