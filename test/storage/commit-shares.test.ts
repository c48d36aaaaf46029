import t from 'tap'
import { Kysely, SqliteDialect } from 'kysely'
import { callersBeside } from '../../src/gateway/storage/engine/commit-shares.ts'
import { createGroupCommit } from '../../src/gateway/storage/engine/group-commit.ts'
import { openConnection } from '../../src/gateway/storage/engine/node-sqlite.ts'

t.test('callers share a commit with workers that have their hands full, and with no others', async (t) => {
  const shares = [0, 7, 8, 32, 128, 256, 10_000].map((workers) => [workers, callersBeside(workers)])
  t.same(shares, [
    [0, 256],
    [7, 256],
    [8, 2],
    [32, 6],
    [128, 22],
    [256, 43],
    [10_000, 43],
  ])
})

t.test('callers who never pause leave workers their share, and none waits for ever', async (t) => {
  const connection = openConnection(`${t.testdir()}/notes.db`, { readOnly: false, busyTimeoutMs: 100 })
  t.teardown(() => connection.close())
  const commits: Record<'callers' | 'workers', number>[] = []
  let counted = { callers: 0, workers: 0 }
  const { write, drain } = createGroupCommit({
    connection: {
      ...connection,
      get inTransaction() {
        return connection.inTransaction
      },
      exec(statement: string) {
        connection.exec(statement)
        if (statement !== 'commit') return
        commits.push(counted)
        counted = { callers: 0, workers: 0 }
      },
    },
    kysely: new Kysely<object>({ dialect: new SqliteDialect({ database: connection }) }),
  })
  const one = (queue: 'callers' | 'workers') =>
    write(async () => {
      counted[queue] += 1
    }, queue)
  await Promise.all([
    ...Array.from({ length: 600 }, () => one('callers')),
    ...Array.from({ length: 300 }, () => one('workers')),
  ])
  await drain()
  t.same(commits.slice(0, 3), [
    { callers: 43, workers: 213 },
    { callers: 15, workers: 87 },
    { callers: 256, workers: 0 },
  ])
  const sum = commits.reduce((all, { callers, workers }) => all + callers + workers, 0)
  t.equal(sum, 900)
})
