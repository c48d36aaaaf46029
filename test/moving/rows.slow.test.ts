import { join } from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { openDatabase } from '../../src/gateway/storage/engine/database.ts'
import { checkCopy, factsOfCopy, openCopy, tablesOf } from '../../src/gateway/storage/moving/copy-file.ts'
import { differing } from '../../src/gateway/storage/moving/differing.ts'
import { exportServer } from '../../src/gateway/storage/moving/export-server.ts'
import { completeImport, importToServer } from '../../src/gateway/storage/moving/import-server.ts'
import { engineColumns, staysBehind } from '../../src/gateway/storage/moving/moved-tables.ts'
import { columnsOnServer, openSession } from '../../src/gateway/storage/moving/server-session.ts'
import { skipsPostgres, startPostgres } from '../postgres/server.ts'
import { fillEveryTable } from './every-table.ts'

const secrets = { gateway_key: 'uk_of_the_installation', link_secret: 'x'.repeat(43) }

function factsOf(file: string) {
  const copy = openCopy(file)
  try {
    return factsOfCopy(copy, tablesOf(copy))
  } finally {
    copy.close()
  }
}

t.test('rows between the engines', { skip: skipsPostgres() }, async (t) => {
  const server = await startPostgres({ fsync: 'off' })
  t.teardown(() => server.remove())
  let databases = 0
  const newSession = async (t: Test) => {
    const url = await server.database(`moved_${++databases}`)
    const session = await openSession({ url })
    t.teardown(() => session[Symbol.asyncDispose]())
    return { url, session }
  }

  t.test('every table and column of either engine is moved, or is named as one that stays', async (t) => {
    const file = join(t.testdir(), 'understudy.db')
    await (await openDatabase({ file })).close()
    using copy = openCopy(file)
    const moved = tablesOf(copy)
    const { session } = await newSession(t)
    const onServer = await columnsOnServer(session.queries)
    const there = [...onServer].filter(([name]) => !staysBehind.has(name))
    t.same(
      there.map(([name]) => name),
      moved.map(({ name }) => name).toSorted(),
    )
    for (const { name, columns } of moved)
      t.same(
        onServer.get(name)?.filter((column) => !engineColumns[name]?.includes(column)),
        columns,
        name,
      )
    t.ok(moved.length > 25)
  })

  t.test('SQLite to PostgreSQL and back: the same rows, sums and totals', async (t) => {
    const folder = t.testdir()
    const file = join(folder, 'understudy.db')
    await fillEveryTable(file)
    const before = factsOf(file)
    t.same(
      before.filter(({ rows }) => rows === 0),
      [],
      'there is something in each table',
    )
    const { url, session } = await newSession(t)
    using copy = openCopy(file)
    const { tables, wasComplete } = await importToServer(session.queries, copy, { id: 'a', secrets })
    t.equal(wasComplete, false)
    t.same(
      tables.map((each) => each.copy),
      before,
    )
    t.same(
      tables.map((each) => each.server),
      before,
      'the server has the same, each total once',
    )
    const due = 'select id from generations where due_at is not null'
    const found = await server.query(url, due)
    t.ok(found.length > 0)
    const scheduled = await server.query(url, `${due} and id in (select generation_id from schedule)`)
    t.same(scheduled, found, 'what is due is found')
    t.same(
      await server.query(
        url,
        "select name, value from installation where name in ('gateway_key', 'link_secret') order by name",
      ),
      [
        { name: 'gateway_key', value: secrets.gateway_key },
        { name: 'link_secret', value: secrets.link_secret },
      ],
    )
    const off = `select count(*)::int as n from pg_trigger where not tgisinternal and tgenabled <> 'O'`
    t.same(await server.query(url, off), [{ n: 0 }], 'every trigger counts again')
    await completeImport(session.queries, 'a')
    const again = await importToServer(session.queries, copy, { id: 'a', secrets })
    t.match(again, { wasComplete: true, tables })

    const back = join(folder, 'back.db')
    const written = await exportServer(session.queries, back, 1000)
    t.same(differing(before, written), [])
    using result = openCopy(back)
    checkCopy(result)
    const held = factsOfCopy(result, tablesOf(result))
    t.same(differing(before, held), ['installation'], 'it is held, as every copy')
    t.match(result.prepare("select value from installation where name = 'held_since'").get(), {
      value: '1000',
    })
    t.same(result.prepare('pragma integrity_check').all(), [{ integrity_check: 'ok' }])
    await using opened = await openDatabase({ file: back })
    t.ok(opened.totals.reportable, 'its totals are used at once')
    const classes =
      'select tenant, key, status, attempt_states, generations::int from generation_counts order by 1, 2, 3, 4'
    const counted = await server.query(url, classes)
    t.ok(counted.length > 1)
    t.same(result.prepare(classes.replace('::int', '')).all(), counted, 'generations are counted on both')
  })

  t.test('what is not empty is refused, and so is another copy', async (t) => {
    const file = join(t.testdir(), 'understudy.db')
    await fillEveryTable(file)
    using copy = openCopy(file)
    const { url, session } = await newSession(t)
    await server.query(url, "insert into tenant_budgets values ('bank', 1)")
    await t.rejects(
      importToServer(session.queries, copy, { id: 'a', secrets }),
      /not empty: tenant_budgets\./,
    )
    await server.query(url, 'delete from tenant_budgets')
    await server.query(
      url,
      "insert into nodes values ('node-1', 'all', '1', '', null, 0, database_ms()::bigint, 0)",
    )
    await t.rejects(importToServer(session.queries, copy, { id: 'a', secrets }), /at work .*node-1/)
    await server.query(url, 'delete from nodes')
    await importToServer(session.queries, copy, { id: 'a', secrets })
    await t.rejects(importToServer(session.queries, copy, { id: 'b', secrets }), /Another copy/)
  })
})
