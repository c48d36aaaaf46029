import { sql, type Kysely } from 'kysely'
import t from 'tap'
import type { Test } from 'tap'
import { exclusive } from '../../src/gateway/storage/engine/write-options.ts'
import { createCommitMarks } from '../../src/gateway/storage/postgres/migrations/commit-marks.ts'
import { openPostgres } from '../../src/gateway/storage/postgres/open-postgres.ts'
import type { Migrations } from '../../src/gateway/storage/postgres/schema-compatibility.ts'
import { skipsPostgres, startPostgres } from './server.ts'

const skip = skipsPostgres()
if (skip !== false) {
  t.comment(skip)
  process.exit(0)
}
const server = await startPostgres()
t.teardown(() => server.remove())

const statement = (text: string) => ({
  async up(db: Kysely<unknown>) {
    await sql.raw(text).execute(db)
  },
})
const first: Migrations = {
  '000_commit_marks': { up: createCommitMarks },
  '001_notes': statement('create table notes (id bigint primary key, text text)'),
}
const expanded: Migrations = {
  ...first,
  '002_expand': { ...statement('alter table notes add column more text'), oldest: '001_notes' },
}
const contracted: Migrations = {
  ...expanded,
  '003_contract': { ...statement('alter table notes drop column text'), oldest: '002_expand' },
}
let made = 0

async function stage(t: Test) {
  const url = await server.database(`changes_${++made}`)
  const open = async (migrations: Migrations, connections = 5) => {
    const node = await openPostgres({ url, connections }, migrations)
    t.teardown(() => node.close())
    return node
  }
  return { url, open }
}

t.test('a release starts beside a later one as far as the migrations of that one say', async (t) => {
  const { url, open } = await stage(t)
  await open(first)
  await open(expanded)
  await t.resolves(open(first), 'beside an expansion')
  await open(contracted)
  await t.resolves(open(expanded), 'the expansion is what the contraction needs')
  await t.rejects(open(first), { name: 'NewerDatabaseError', message: /\(003_contract\)/ })
  const later = { ...contracted, '004_unmarked': statement('select 1') }
  await open(later)
  await t.rejects(open(contracted), { name: 'NewerDatabaseError', message: /\(004_unmarked\)/ })
  const columns = "select column_name as name from information_schema.columns where table_name = 'notes'"
  t.same(
    await server.query(url, columns),
    [{ name: 'id' }, { name: 'more' }],
    'those that started changed nothing',
  )
})

t.test('a release that lacks a migration of its own is not started on what a later one made', async (t) => {
  const { open } = await stage(t)
  await open(expanded)
  const other = { ...first, '002_other': statement('select 1') }
  await t.rejects(open(other), { name: 'NewerDatabaseError', message: /\(002_expand\)/ })
})

t.test('statements that were prepared before a migration go on, on every connection', async (t) => {
  const { open } = await stage(t)
  const node = await open(first, 16)
  const read = () => sql<object>`select * from notes order by id`.execute(node.read)
  const count = { sql: 'select * from notes where id > $1', parameters: [0] }
  const write = (id: number) =>
    node.write(
      async (transaction) =>
        (await sql<object>`insert into notes (id) values (${id}) returning *`.execute(transaction)).rows,
      { locks: [exclusive(`note:${id}`)] },
    )
  let written = 0
  const all = () =>
    Promise.all(
      Array.from({ length: 40 }, () =>
        Promise.all([read(), write(++written), sql`select pg_sleep(0.01)`.execute(node.read)]),
      ),
    )
  for (let round = 0; round < 3; round++) await all()
  for (let round = 0; round < 3; round++) await node.report([count])
  await open(expanded)

  t.equal((await node.report([count]))[0]?.length, 120)
  await t.resolves(all())
  await open(contracted)
  await t.resolves(all())
  t.equal((await read()).rows.length, written)
  t.same(await write(0), [{ id: 0, more: null }])
})

t.test('a read that is part of a deadlock with a migration is run again', async (t) => {
  const { url, open } = await stage(t)
  const node = await open(first)
  await server.query(url, 'create table others (id bigint)')
  const moving = server.query(
    url,
    `set deadlock_timeout = '10s'; begin; lock table notes; select pg_sleep(0.5); lock table others; commit`,
  )
  await sql`select pg_sleep(0.2)`.execute(node.read)
  // A query locks its tables in the order in which they are named.
  const reading = sql`select count(*) from others where (select count(*) from notes) >= 0`.execute(node.read)
  await t.resolves(Promise.all([moving, reading]))
})
