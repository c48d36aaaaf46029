import { once } from 'node:events'
import { createServer, connect, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { sql, type Kysely } from 'kysely'
import t from 'tap'
import type { Test } from 'tap'
import type { Database } from '../../src/gateway/storage/engine/database.ts'
import { createCommitMarks } from '../../src/gateway/storage/postgres/migrations/commit-marks.ts'
import { openPostgres } from '../../src/gateway/storage/postgres/open-postgres.ts'
import type { Schema } from '../../src/gateway/storage/schema.ts'
import { skipsPostgres, startPostgres } from './server.ts'

const skip = skipsPostgres()
if (skip !== false) {
  t.comment(skip)
  process.exit(0)
}

const server = await startPostgres()
t.teardown(() => server.remove())

const migrations = {
  '000_commit_marks': { up: createCommitMarks },
  '001_notes': {
    async up(db: Kysely<unknown>) {
      await sql`create table notes (id bigint primary key)`.execute(db)
    },
  },
}
const limits = { connections: 6, statementTimeoutMs: 1000, connectTimeoutMs: 500 }
let databases = 0

/** `through`: the port of a proxy in front of the server. */
async function open(t: Test, through?: number): Promise<Database> {
  const url = new URL(await server.database(`recovery_${++databases}`))
  if (through !== undefined) url.port = String(through)
  const database = await openPostgres({ url: url.href, ...limits }, migrations)
  t.teardown(() => database.close())
  return database
}

const add = (id: number) => async (transaction: Kysely<Schema>) =>
  void (await sql`insert into notes values (${id})`.execute(transaction))

async function ids({ read }: Database): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`select id from notes order by id`.execute(read)
  return rows.map(({ id }) => id)
}

/** The outcome of a write and a read, and that both came within the limits. */
async function bothFail(t: Test, database: Database, code: string | RegExp): Promise<void> {
  const started = performance.now()
  const outcomes = await Promise.allSettled([database.write(add(99)), ids(database)])
  const took = performance.now() - started
  for (const outcome of outcomes)
    t.match(outcome, { status: 'rejected', reason: { name: 'StorageError', code } })
  t.ok(took < 3000, `an answer after ${Math.round(took)} ms`)
}

async function untilWritten(database: Database, id: number): Promise<void> {
  const deadline = Date.now() + 10_000
  for (;;) {
    try {
      return await database.write(add(id))
    } catch (error) {
      if (Date.now() > deadline) throw error
      await pause(20)
    }
  }
}

t.test(
  'a server that is restarted, in order or after a crash, makes queries fail until it is back',
  async (t) => {
    const database = await open(t)
    await database.write(add(0))
    for (const [index, signal] of (['SIGINT', 'SIGQUIT'] as const).entries()) {
      await Promise.all([ids(database), ids(database), database.write(add(index * 10 + 1))])
      await server.stop(signal)
      await bothFail(t, database, 'unreachable')
      await server.start()
      await untilWritten(database, index * 10 + 2)
    }
    t.same(await ids(database), [0, 1, 2, 11, 12])
  },
)

t.test(
  'a transaction under way when the server ends is not committed in part, and this process lives on',
  async (t) => {
    const database = await open(t)
    const inside = Promise.withResolvers<void>()
    const ended = Promise.withResolvers<void>()
    const writing = database.write(async (transaction) => {
      await add(1)(transaction)
      inside.resolve()
      await ended.promise
      await add(2)(transaction)
    })
    await inside.promise
    await server.stop('SIGQUIT')
    ended.resolve()
    await t.rejects(writing, { name: 'StorageError', code: 'unreachable' })
    await server.start()
    await untilWritten(database, 3)
    t.same(await ids(database), [3])
  },
)

t.test('a server that accepts and does not answer makes queries fail within their time', async (t) => {
  const database = await open(t)
  await Promise.all([ids(database), database.write(add(1))])
  server.signalAll('SIGSTOP')
  try {
    await bothFail(t, database, /unreachable|busy/)
    await bothFail(t, database, /unreachable|busy/)
  } finally {
    server.signalAll('SIGCONT')
  }
  await untilWritten(database, 2)
  t.same(
    (await ids(database)).filter((id) => id !== 99),
    [1, 2],
  )
})

/** Forwards connections until they are cut, in the given direction only or in both. */
async function proxy(t: Test) {
  const open = new Set<Socket>()
  const port = Number(new URL(server.url('postgres')).port)
  let mute = false
  const listener = createServer((client) => {
    const upstream = connect(port, '127.0.0.1')
    for (const socket of [client, upstream]) {
      open.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => open.delete(socket))
    }
    client.pipe(upstream)
    upstream.on('data', (bytes) => mute || client.write(bytes))
    client.on('close', () => upstream.destroy())
    upstream.on('close', () => client.destroy())
  })
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const cut = () => open.forEach((socket) => socket.destroy())
  t.teardown(() => {
    cut()
    listener.close()
  })
  const address = listener.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    cut,
    mute: (to: boolean) => void (mute = to),
  }
}

t.test('a commit whose answer is lost is reported as such, and was made or not as a whole', async (t) => {
  const between = await proxy(t)
  const database = await open(t, between.port)
  await database.write(add(1))
  const writing = database.write(async (transaction) => {
    await add(2)(transaction)
    await add(3)(transaction)
    between.mute(true)
  })
  await t.rejects(writing, { name: 'StorageError', code: 'unreachable' })
  between.mute(false)
  between.cut()
  await untilWritten(database, 4)
  t.same(await ids(database), [1, 2, 3, 4])
})

t.test('connections that are cut while idle cost no query', async (t) => {
  const between = await proxy(t)
  const database = await open(t, between.port)
  for (let id = 0; id < 3; id++) {
    await Promise.all([ids(database), ids(database), database.write(add(id))])
    between.cut()
    await pause(50)
  }
  t.same(await ids(database), [0, 1, 2])
})

t.test('a node that stands still in a transaction loses it and its locks', async (t) => {
  const url = await server.database(`recovery_${++databases}`)
  const [slow, other] = [await openPostgres({ url }, migrations), await openPostgres({ url }, migrations)]
  t.teardown(() => Promise.all([slow.close(), other.close()]))
  const inside = Promise.withResolvers<void>()
  const go = Promise.withResolvers<void>()
  const writing = slow.write(async (transaction) => {
    await add(1)(transaction)
    inside.resolve()
    await go.promise
    await add(2)(transaction)
  })
  const lost = t.rejects(writing, { name: 'StorageError', code: 'unreachable' })
  await inside.promise
  const started = performance.now()
  await other.write(add(3))
  t.ok(performance.now() - started < 8000)
  go.resolve()
  await lost
  t.same(await ids(other), [3])
})
