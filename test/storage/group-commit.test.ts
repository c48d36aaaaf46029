import { Kysely, sql, SqliteDialect } from 'kysely'
import t from 'tap'
import type { Test } from 'tap'
import { openDatabase } from '../../src/gateway/storage/engine/database.ts'
import { createGenerationStore } from '../../src/gateway/storage/generations/generation-store.ts'
import { createGroupCommit } from '../../src/gateway/storage/engine/group-commit.ts'
import { openConnection } from '../../src/gateway/storage/engine/node-sqlite.ts'
import { StorageError } from '../../src/gateway/storage/engine/storage-error.ts'
import { aGeneration, aLogEntry } from '../fixtures/generation.ts'

interface Tables {
  notes: { id: number; text: string }
}

const unlimited = { monthStart: 0, monthlyBudgetMicros: null, maxInFlight: null }

/** A group commit over a file with a table of notes, the statements its transactions ran, and an independent reader. */
function setUp(t: Test, options: { maxQueued?: number } = {}) {
  const file = `${t.testdir()}/notes.db`
  const connection = openConnection(file, { readOnly: false, busyTimeoutMs: 100 })
  connection.exec('pragma journal_mode = wal')
  connection.exec('create table notes (id integer primary key, text text not null)')
  connection.exec('create table children (note integer references notes (id) deferrable initially deferred)')
  const reader = openConnection(file, { readOnly: true, busyTimeoutMs: 100 })
  const executed: string[] = []
  const recording = {
    ...connection,
    get inTransaction() {
      return connection.inTransaction
    },
    exec(statement: string) {
      executed.push(statement)
      connection.exec(statement)
    },
  }
  const kysely = new Kysely<Tables>({ dialect: new SqliteDialect({ database: connection }) })
  const { write, drain } = createGroupCommit({ connection: recording, kysely, ...options })
  t.teardown(async () => {
    await drain()
    connection.close()
    reader.close()
  })
  const add = (id: number) => (transaction: Kysely<Tables>) =>
    transaction
      .insertInto('notes')
      .values({ id, text: `note ${id}` })
      .execute()
  const committed = () =>
    reader
      .prepare('select id from notes order by id')
      .all([])
      .map((row) => Object(row).id)
  return { connection, kysely, write, drain, add, committed, executed }
}

const failing = () => Promise.reject(new Error('changed my mind'))
const succeeding = () => Promise.resolve()

t.test('writes of one turn of the event loop share one commit, in the order they were asked', async (t) => {
  const { write, executed, committed } = setUp(t)
  const order: number[] = []
  const numbers = Array.from({ length: 50 }, (_, n) => n)
  await Promise.all(
    numbers.map((n) =>
      write(async (transaction) => {
        order.push(n)
        await transaction.insertInto('notes').values({ id: n, text: '' }).execute()
      }),
    ),
  )
  t.same(order, numbers)
  t.same(committed(), numbers)
  t.equal(executed.filter((statement) => statement === 'commit').length, 1)
})

t.test('a group is bounded, so that the event loop turns between commits', async (t) => {
  const { write, executed } = setUp(t)
  let turns = 0
  const count = () => {
    turns += 1
    timer = setImmediate(count)
  }
  let timer = setImmediate(count)
  await Promise.all(Array.from({ length: 1000 }, () => write(async () => {})))
  clearImmediate(timer)
  t.equal(executed.filter((statement) => statement === 'commit').length, 4)
  t.ok(turns >= 3, `the loop turned ${turns} times`)
})

t.test('nothing is resolved before it is committed', async (t) => {
  const { write, add, committed } = setUp(t)
  let resolved = false
  const writeFirst = async () => {
    await write(add(1))
    resolved = true
    t.same(committed(), [1, 2], 'another connection sees it by then')
  }
  const first = writeFirst()
  const second = write(async (transaction) => {
    await add(2)(transaction)
    await new Promise((resolve) => setImmediate(resolve))
    t.equal(resolved, false, 'the first has run, and waits for the commit')
    t.same(committed(), [], 'nobody else sees any of it')
  })
  await Promise.all([first, second])
})

t.test('a write that fails is rolled back alone and rejects with its own error', async (t) => {
  const { write, add, committed } = setUp(t)
  const outcomes = await Promise.allSettled([
    write(add(1)),
    write(async (transaction) => {
      await add(2)(transaction)
      return failing()
    }),
    write(add(1)),
    write(add(3)),
  ])
  t.same(
    outcomes.map(({ status }) => status),
    ['fulfilled', 'rejected', 'rejected', 'fulfilled'],
  )
  t.match(outcomes[1], { reason: { message: 'changed my mind' } })
  t.match(outcomes[2], { reason: { name: 'StorageError', code: 'failed', cause: { message: /UNIQUE/ } } })
  t.same(committed(), [1, 3])
})

t.test('writes that all succeed take no savepoints, which copy every page that is changed', async (t) => {
  const { write, add, executed } = setUp(t)
  await Promise.all([write(add(1)), write(add(2))])
  t.same(executed, ['begin immediate', 'commit'])
})

t.test(
  'beside one that fails the others are run again, and what each resolves to is of its last run',
  async (t) => {
    const { write, add, committed, executed } = setUp(t)
    const runs = [0, 0, 0]
    const counted = (index: 0 | 1 | 2, then: () => Promise<unknown>) =>
      write(async (transaction) => {
        runs[index] = (runs[index] ?? 0) + 1
        const run = runs[index]
        await add(index)(transaction)
        await then()
        return run
      })
    const outcomes = await Promise.allSettled([
      counted(0, succeeding),
      counted(1, failing),
      counted(2, succeeding),
    ])
    t.match(outcomes, [{ value: 2 }, { reason: { message: 'changed my mind' } }, { value: 1 }])
    t.same(runs, [2, 2, 1])
    t.same(committed(), [0, 2])
    t.equal(executed.filter((statement) => statement === 'commit').length, 1)
  },
)

t.test('a write that fails and has no neighbours is run once', async (t) => {
  const { write, committed, add } = setUp(t)
  let runs = 0
  const alone = write(async (transaction) => {
    runs++
    await add(1)(transaction)
    return failing()
  })
  await t.rejects(alone, { message: 'changed my mind' })
  t.equal(runs, 1)
  t.same(committed(), [])
})

t.test(
  'when the commit fails every write of the group is rejected and gone, and the next one works',
  async (t) => {
    const { write, add, committed } = setUp(t)
    const orphan = sql`insert into children (note) values (99)`
    const outcomes = await Promise.allSettled([
      write(add(1)),
      write((transaction) => orphan.execute(transaction)),
      write(add(2)),
    ])
    for (const outcome of outcomes) {
      t.match(outcome, { status: 'rejected', reason: { name: 'StorageError', code: 'failed' } })
    }
    t.same(committed(), [])
    await write(add(3))
    t.same(committed(), [3])
  },
)

t.test(
  'a write that finds the disk full says so, the others are told the truth, and later ones work',
  async (t) => {
    const { connection, write, add, committed } = setUp(t)
    const pages = (statement: string) =>
      Number(Object.values(Object(connection.prepare(statement).all([])[0]))[0])
    connection.prepare(`pragma max_page_count = ${pages('pragma page_count') + 3}`).all([])
    const big = sql`insert into notes values (2, ${'x'.repeat(100_000)})`
    const outcomes = await Promise.allSettled([
      write(add(1)),
      write((transaction) => big.execute(transaction)),
      write(add(3)),
    ])
    t.match(outcomes[1], { status: 'rejected', reason: { name: 'StorageError', code: 'disk_full' } })
    const acknowledged = outcomes.flatMap(({ status }, index) => (status === 'fulfilled' ? [index + 1] : []))
    t.same(committed(), acknowledged)

    connection.prepare('pragma max_page_count = 1000000').all([])
    await write((transaction) => big.execute(transaction))
    t.ok(committed().includes(2))
  },
)

t.test('a write while another program holds the file is rejected as busy, and later ones work', async (t) => {
  const { write, add, committed } = setUp(t)
  const other = openConnection(`${t.testdirName}/notes.db`, { readOnly: false, busyTimeoutMs: 0 })
  t.teardown(() => other.close())
  other.exec('begin immediate')
  await t.rejects(write(add(1)), { name: 'StorageError', code: 'busy' })
  other.exec('rollback')
  await write(add(2))
  t.same(committed(), [2])
})

t.test('a full queue rejects at once, without harm to those who wait', async (t) => {
  const { write, add, committed } = setUp(t, { maxQueued: 2 })
  const waiting = [write(add(1)), write(add(2))]
  await t.rejects(write(add(3)), { name: 'StorageError', code: 'busy' })
  await Promise.all(waiting)
  await write(add(4))
  t.same(committed(), [1, 2, 4])
})

t.test('draining finishes what is queued and refuses what comes after', async (t) => {
  const { write, drain, add, committed } = setUp(t)
  const queued = Array.from({ length: 600 }, (_, n) => write(add(n)))
  const drained = drain()
  await t.rejects(write(add(9999)), { name: 'StorageError', code: 'closed' })
  await drained
  t.equal(committed().length, 600)
  await Promise.all(queued)
  await drain()
})

t.test('a write made when another is acknowledged goes into the next group', async (t) => {
  const { write, add, committed } = setUp(t)
  await write(add(1)).then(() => write(add(2)))
  t.same(committed(), [1, 2])
})

t.test('closing a database finishes the writes under way, and twice is as good as once', async (t) => {
  const file = `${t.testdir()}/understudy.db`
  const database = await openDatabase({ file })
  const store = createGenerationStore(database)
  const generation = aGeneration()
  const inserted = store.insert(generation, { entries: [aLogEntry()], idempotency: null, limits: unlimited })
  await Promise.all([database.close(), database.close()])
  t.same(await inserted, { type: 'inserted' })
  await t.rejects(store.remove(generation.id), new StorageError('closed', 'the storage is shutting down'))
  await t.rejects(store.get(generation.id), new StorageError('closed', 'the storage is closed'))
  await using reopened = await openDatabase({ file })
  t.ok(await createGenerationStore(reopened).get(generation.id))
})

t.test('reads neither see uncommitted work nor wait for it', async (t) => {
  await using database = await openDatabase({ file: `${t.testdir()}/understudy.db` })
  const store = createGenerationStore(database)
  const generation = aGeneration()
  await store.insert(generation, { entries: [], idempotency: null, limits: unlimited })
  await database.write(async (transaction) => {
    await transaction.updateTable('generations').set({ version: 2 }).execute()
    t.equal((await store.get(generation.id))?.version, 1)
  })
  t.equal((await store.get(generation.id))?.version, 2)
})

t.test('in memory, reads do not see uncommitted work either', async (t) => {
  await using database = await openDatabase({ file: ':memory:' })
  const store = createGenerationStore(database)
  const generation = aGeneration()
  await store.insert(generation, { entries: [], idempotency: null, limits: unlimited })
  const seen: (number | undefined)[] = []
  const writing = database.write(async (transaction) => {
    await transaction.updateTable('generations').set({ version: 2 }).execute()
    void store.get(generation.id).then((stored) => seen.push(stored?.version))
    await new Promise((resolve) => setImmediate(resolve))
    t.same(seen, [])
    return failing()
  })
  await t.rejects(writing, { message: 'changed my mind' })
  await new Promise((resolve) => setImmediate(resolve))
  t.same(seen, [1])
})
