import { type Kysely } from 'kysely'
import { atOnce } from './at-once.ts'
import type { Checkpoints } from './checkpoints.ts'
import { type SqliteConnection } from './node-sqlite.ts'
import { callersBeside, operationsPerCommit } from './commit-shares.ts'
import { StorageError } from './storage-error.ts'
import { completeOptions, type Locked, type WriteOptions, type WriteQueue } from './write-options.ts'

const MAX_QUEUED = 10_000

export interface GroupCommit<Tables> {
  /**
   * Runs `operation` in one transaction with all other operations of the same turn of the event loop: one after
   * another, in order within their queue, with one fsync for all. Resolves after the commit. An operation that throws
   * is rolled back alone; it and the others of its group are run again for that. It may only await queries on its
   * transaction, because others wait behind it.
   */
  write: <T>(
    operation: (transaction: Kysely<Tables>, locked: Locked) => Promise<T>,
    options?: WriteQueue | WriteOptions,
  ) => Promise<T>
  /** How many groups have been committed or given up. What was read stays as it is until this changes. */
  commits: () => number
  /** Rejects new writes and waits for those already queued. */
  drain: () => Promise<void>
}

/** One operation runs at a time. */
const alone: Locked = () => Promise.resolve()

interface Queued<Tables> {
  /** Resolves to the function that notifies the caller. Call it only after the commit. */
  run: (transaction: Kysely<Tables>) => Promise<() => void>
  reject: (error: unknown) => void
}

/**
 * The only writer of a SQLite file. A commit takes one fsync (0.3 to 5 ms), so sharing it makes writes 6 to 10 times
 * faster.
 */
export function createGroupCommit<Tables>(writer: {
  connection: SqliteConnection
  kysely: Kysely<Tables>
  maxQueued?: number
  checkpoints?: Pick<Checkpoints, 'committed'> | null
}): GroupCommit<Tables> {
  const { connection, kysely, maxQueued = MAX_QUEUED, checkpoints = null } = writer
  const queues: Record<WriteQueue, Queued<Tables>[]> = { callers: [], workers: [] }
  let working: Promise<void> | null = null
  let draining = false
  let commits = 0
  const queries = atOnce<Tables>(connection)

  const queued = (): number => queues.callers.length + queues.workers.length

  function nextGroup(): Queued<Tables>[] {
    // About 10 ms of work. The event loop is blocked while a group runs.
    const callers = queues.callers.splice(0, callersBeside(queues.workers.length))
    return [...callers, ...queues.workers.splice(0, operationsPerCommit - callers.length)]
  }

  async function work(): Promise<void> {
    const transaction = await queries
    while (queued() > 0) {
      await new Promise((resolve) => setImmediate(resolve))
      const group = nextGroup()
      try {
        const acknowledgements = await kysely
          .connection()
          .execute(() => commitTogether(connection, transaction, { group, onEnd: () => commits++ }))
        for (const acknowledge of acknowledgements) acknowledge()
      } catch (error) {
        for (const { reject } of group) reject(error)
      }
      const moved = checkpoints?.committed()
      if (moved != null) await moved
    }
    working = null
  }

  return {
    write(operation, options) {
      if (draining) return Promise.reject(new StorageError('closed', 'the storage is shutting down'))
      if (queued() >= maxQueued) {
        return Promise.reject(new StorageError('busy', `the limit of ${maxQueued} queued writes is reached`))
      }
      return new Promise((resolve, reject) => {
        const run = async (transaction: Kysely<Tables>) => {
          const value = await operation(transaction, alone)
          return () => resolve(value)
        }
        queues[completeOptions(options).queue].push({ run, reject })
        working ??= work()
      })
    },
    commits: () => commits,
    async drain() {
      draining = true
      await working
    },
  }
}

async function commitTogether<Tables>(
  connection: SqliteConnection,
  transaction: Kysely<Tables>,
  { group, onEnd }: { group: Queued<Tables>[]; onEnd: () => void },
): Promise<(() => void)[]> {
  try {
    connection.exec('begin immediate')
    const acknowledgements =
      (await runAll(transaction, group)) ?? (await runAgain(connection, transaction, group))
    connection.exec('commit')
    return acknowledgements
  } finally {
    // Before anybody can look at what was written.
    onEnd()
    if (connection.inTransaction) connection.exec('rollback')
  }
}

/**
 * Null if one of several failed: then what has run of them is to be rolled back. Failures are rare, and a savepoint for each
 * operation has SQLite copy every page that it changes, which is a third of what an accept costs there.
 */
async function runAll<Tables>(
  transaction: Kysely<Tables>,
  group: Queued<Tables>[],
): Promise<(() => void)[] | null> {
  const acknowledgements: (() => void)[] = []
  try {
    for (const { run } of group) acknowledgements.push(await run(transaction))
    return acknowledgements
  } catch (error) {
    if (group.length === 1) throw error
    return null
  }
}

/** All of a group of which one failed, each so that it can be rolled back alone. */
async function runAgain<Tables>(
  connection: SqliteConnection,
  transaction: Kysely<Tables>,
  group: Queued<Tables>[],
): Promise<(() => void)[]> {
  if (connection.inTransaction) connection.exec('rollback')
  connection.exec('begin immediate')
  const acknowledgements: (() => void)[] = []
  for (const queued of group) {
    const acknowledge = await runAlone(connection, transaction, queued)
    if (acknowledge) acknowledgements.push(acknowledge)
  }
  return acknowledgements
}

/** Null if the operation failed and its caller was notified; throws if the engine rolled back the whole group. */
async function runAlone<Tables>(
  connection: SqliteConnection,
  transaction: Kysely<Tables>,
  queued: Queued<Tables>,
): Promise<(() => void) | null> {
  connection.exec('savepoint operation')
  try {
    return await queued.run(transaction)
  } catch (error) {
    if (!connection.inTransaction) throw error
    connection.exec('rollback to operation')
    queued.reject(error)
    return null
  } finally {
    if (connection.inTransaction) connection.exec('release operation')
  }
}
