import { statSync } from 'node:fs'
import t from 'tap'
import type { Test } from 'tap'
import { canLook, createCheckpoints } from '../../src/gateway/storage/engine/checkpoints.ts'
import { openDatabase } from '../../src/gateway/storage/engine/database.ts'
import { openConnection } from '../../src/gateway/storage/engine/node-sqlite.ts'

const limits = { lookEvery: 1, moveAfter: 20, restartAfter: 60 }
const pageBytes = 4096

/** A database whose log is moved by a thread alone; `write` changes about as many pages as it is asked to. */
function setUp(t: Test, { seen }: { seen?: string } = {}) {
  const file = `${t.testdir()}/notes.db`
  const connection = openConnection(file, { readOnly: false, busyTimeoutMs: 100 })
  connection.exec('pragma journal_mode = wal')
  connection.exec('pragma wal_autocheckpoint = 0')
  connection.exec('create table notes (text blob not null)')
  const checkpoints = createCheckpoints(connection, seen ?? file, limits)
  t.teardown(async () => {
    await checkpoints.close()
    connection.close()
  })
  const write = async (pages: number) => {
    connection.query('insert into notes values (zeroblob(?))', [pages * pageBytes])
    await checkpoints.committed()
    // Until the thread has moved what was there.
    await checkpoints.close()
  }
  const logPages = () => statSync(`${file}-wal`).size / pageBytes
  return { connection, file, checkpoints, write, logPages }
}

t.test('the log begins anew while writes go on', async (t) => {
  const { connection, write, logPages } = setUp(t)
  for (let count = 0; count < 200; count++) await write(5)
  t.ok(logPages() < limits.restartAfter + 3 * limits.moveAfter, `${logPages()} pages after more than 1,000`)
  t.match(connection.query('select count(*) as n from notes', []), [{ n: 200 }])
})

t.test('the log keeps what somebody still reads, and begins anew after that', async (t) => {
  const { file, write, logPages } = setUp(t)
  await write(5)
  const reader = openConnection(file, { readOnly: true, busyTimeoutMs: 100 })
  t.teardown(() => reader.close())
  reader.exec('begin')
  const before = reader.query('select count(*) as n from notes', [])
  for (let count = 0; count < 60; count++) await write(5)
  t.strictSame(reader.query('select count(*) as n from notes', []), before)
  const most = logPages()
  t.ok(most > 300, 'nothing of it may be written over')

  reader.exec('commit')
  for (let count = 0; count < 200; count++) await write(5)
  t.ok(logPages() < most + 100, 'after that its file is used from the beginning')
})

t.test('writes wait for the last part of a move only', async (t) => {
  const { connection, file, checkpoints } = setUp(t)
  const commit = (pages: number) => {
    connection.query('insert into notes values (zeroblob(?))', [pages * pageBytes])
    return checkpoints.committed()
  }
  t.equal(commit(2), null, 'nothing to do yet')
  t.equal(commit(100), null, 'much is moved while writes go on')
  const reader = openConnection(file, { readOnly: true, busyTimeoutMs: 100 })
  t.teardown(() => reader.close())
  reader.exec('begin')
  reader.query('select count(*) from notes', [])
  t.equal(commit(2), null, 'no second move is begun beside the first')
  await checkpoints.close()
  reader.exec('commit')

  const last = commit(2)
  t.not(last, null, 'what came meanwhile is moved before the next write')
  await last
  await checkpoints.close()
  t.equal(commit(2), null)
  const [found] = connection.query('pragma wal_checkpoint(noop)', [])
  t.ok(Object(found).log < 10, 'which is the first of a new log')
})

t.test('a move that fails stops nobody, and is tried again', async (t) => {
  const { connection, write } = setUp(t, { seen: '/dev/null/no.db' })
  let threads = 0
  const count = () => threads++
  process.on('worker', count)
  t.teardown(() => process.off('worker', count))
  for (let number = 0; number < 16; number++) await write(5)
  t.match(connection.query('select count(*) as n from notes', []), [{ n: 16 }])
  t.ok(threads > 1 && threads < 7, `${threads} tries: as many pages later, not after each commit`)
})

t.test('a gateway moves the log in a thread, not within a commit', async (t) => {
  const file = `${t.testdir()}/understudy.db`
  let threads = 0
  const count = () => threads++
  process.on('worker', count)
  t.teardown(() => process.off('worker', count))
  await using database = await openDatabase({ file })
  const before = statSync(file).size
  const text = 'x'.repeat(50_000)
  for (let number = 0; number < 300; number++)
    await database.write((transaction) =>
      transaction
        .insertInto('installation')
        .values({ name: `n${number}`, value: text })
        .execute(),
    )
  await database.close()
  t.ok(threads > 0)
  t.ok(statSync(file).size > before + 300 * text.length)
})

t.test('what the engine must be able to tell came with a version of its own', async (t) => {
  t.ok(canLook('3.51.0'))
  t.ok(canLook('3.53.4'))
  t.ok(canLook('4.0.0'))
  t.notOk(canLook('3.50.4'))
  t.notOk(canLook(undefined))
})
