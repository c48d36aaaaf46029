import { CompiledQuery, type Kysely } from 'kysely'
import { StorageError } from '../engine/storage-error.ts'
import type { Locked } from '../engine/write-options.ts'
import type { CommitMark, CommitMarks } from './commit-marks.ts'
import { lockStatement } from './held-locks.ts'
import { Meeting } from './meeting.ts'
import type { Pipeline } from './pipeline.ts'
import { Turns } from './turns.ts'
import { mayRunAgain } from './postgres-errors.ts'
import { runAgain } from './run-again.ts'
import type { Queued } from './write-lanes.ts'

type Group<Tables> = ReadonlyArray<Queued<Tables>>

interface Way<Tables> {
  pipeline: Pipeline<Tables>
  /** Statements for the begin of each transaction. */
  settings: string
  marks: CommitMarks<Tables>
}

/**
 * Commits the operations of a group together. If one fails, all are rolled back and each is run alone, because
 * PostgreSQL gives up a transaction with its first error, and a savepoint for each operation costs two more round trips.
 * A commit that is not answered is looked up before anybody is told of it.
 */
export async function runGroup<Tables>(way: Way<Tables>, group: Group<Tables>): Promise<void> {
  try {
    await commitTogether(way, group)
  } catch (error) {
    const [only] = group
    if (isUnreachable(error)) for (const { reject } of group) reject(error)
    else if (group.length === 1 && only !== undefined && !mayRunAgain(error)) only.reject(error)
    else for (const each of group) await runAgain(() => commitTogether(way, [each])).catch(each.reject)
  }
}

async function commitTogether<Tables>(
  { pipeline, settings, marks }: Way<Tables>,
  group: Group<Tables>,
): Promise<void> {
  const mark = group.every(({ repeatable }) => repeatable) ? null : marks.next()
  const tell: Array<() => void> = []
  try {
    await pipeline(async (transaction) => {
      tell.push(...(await runWithin(transaction, { group, settings, mark })))
      await commit(transaction)
    })
  } catch (error) {
    if (!(error instanceof UnansweredCommit)) throw error
    // The connection is closed now.
    await assertMade(mark, error.cause)
  }
  mark?.over()
  for (const each of tell) each()
}

/** The commit was sent, and may have been made. */
class UnansweredCommit extends Error {}

async function commit<Tables>(transaction: Kysely<Tables>): Promise<void> {
  try {
    await transaction.executeQuery(CompiledQuery.raw('commit'))
  } catch (cause) {
    if (isUnreachable(cause)) throw new UnansweredCommit('a commit was not answered', { cause })
    throw cause
  }
}

/** Resolves to what tells the callers, once all statements of the transaction have been answered. */
async function runWithin<Tables>(
  transaction: Kysely<Tables>,
  { group, settings, mark }: { group: Group<Tables>; settings: string; mark: CommitMark<Tables> | null },
): Promise<Array<() => void>> {
  const run = (text: string) => transaction.executeQuery(CompiledQuery.raw(text))
  const { early, late } = lockStatements(group)
  const begin = ['begin isolation level read committed read write', settings, early]
  // Operations do not wait for the answer: without a transaction, their statements fail as well.
  const begun = run(begin.filter((text) => text !== '').join('; '))
  const marked = mark?.put(transaction)
  const turns = new Turns()
  const meeting = new Meeting(() => (late === '' ? Promise.resolve() : run(late)))
  const runs = group.map((queued) =>
    turns.take(queued.locks, () =>
      queued.lateLocks.length === 0
        ? queued.run(transaction, alreadyLocked)
        : meeting.attend((locked) => queued.run(transaction, locked)),
    ),
  )
  meeting.open()
  const [first, second, ...outcomes] = await Promise.allSettled([begun, marked, ...runs])
  const failed = [first, second, ...outcomes].find((each) => each.status === 'rejected')
  if (failed !== undefined) {
    // Without an answer to this, the connection is closed, and the server rolls back.
    if (!isUnreachable(failed.reason))
      await run('rollback').then(
        () => mark?.over(),
        () => undefined,
      )
    throw failed.reason
  }
  return outcomes.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
}

/** @throws StorageError unless the commit was made. */
async function assertMade<Tables>(mark: CommitMark<Tables> | null, cause: unknown): Promise<void> {
  const outcome = (await mark?.outcome()) ?? 'unknown'
  if (outcome === 'made') return
  if (outcome === 'not_made') {
    mark?.over()
    throw cause
  }
  const since = mark === null ? '; it may have been made' : ', and could not say since whether it was made'
  throw new StorageError('unreachable', `the database server did not answer a commit${since}`, {
    cause,
    mayBeWritten: true,
  })
}

const alreadyLocked: Locked = () => Promise.resolve()

/**
 * The locks that a transaction begins with, and those that it takes once everything else is sent. Whoever begins with one of the
 * last locks takes all there, because others may hold what it would wait for.
 */
function lockStatements<Tables>(group: Group<Tables>): { early: string; late: string } {
  const lateLocks = new Set(group.flatMap((each) => each.lateLocks))
  const locks = group.flatMap((each) => each.locks)
  const early = locks.filter((lock) => !lateLocks.has(lock))
  if (early.some(({ last = false }) => last)) return { early: lockStatement(locks), late: '' }
  return { early: lockStatement(early), late: lockStatement([...lateLocks]) }
}

function isUnreachable(error: unknown): boolean {
  return error instanceof StorageError && error.code === 'unreachable'
}
