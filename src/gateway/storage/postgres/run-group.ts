import { CompiledQuery, type Kysely } from 'kysely'
import { StorageError } from '../engine/storage-error.ts'
import { lockStatement } from './held-locks.ts'
import { Turns } from './turns.ts'
import { mayRunAgain } from './postgres-errors.ts'
import { runAgain } from './run-again.ts'
import type { Queued } from './write-lanes.ts'

type Group<Tables> = ReadonlyArray<Queued<Tables>>

/**
 * Commits the operations of a group together. If one fails, all are rolled back and each is run alone, because
 * PostgreSQL gives up a transaction with its first error, and a savepoint for each operation costs two more round trips.
 * `settings`: statements for the begin of each transaction.
 */
export async function runGroup<Tables>(
  kysely: Kysely<Tables>,
  group: Group<Tables>,
  settings: string,
): Promise<void> {
  try {
    await commitTogether(kysely, group, settings)
  } catch (error) {
    const [only] = group
    if (isUnreachable(error)) for (const { reject } of group) reject(error)
    else if (group.length === 1 && only !== undefined && !mayRunAgain(error)) only.reject(error)
    else
      for (const each of group)
        await runAgain(() => commitTogether(kysely, [each], settings)).catch(each.reject)
  }
}

async function commitTogether<Tables>(
  kysely: Kysely<Tables>,
  group: Group<Tables>,
  settings: string,
): Promise<void> {
  const locks = lockStatement(group.flatMap((each) => each.locks))
  const begin = ['begin isolation level read committed read write', settings, locks]
  await kysely.connection().execute(async (transaction) => {
    const run = (text: string) => transaction.executeQuery(CompiledQuery.raw(text))
    // Operations do not wait for the answer: without a transaction, their statements fail as well.
    const begun = run(begin.filter((text) => text !== '').join('; '))
    const turns = new Turns()
    const runs = group.map((queued) => turns.take(queued.locks, () => queued.run(transaction)))
    const [first, ...outcomes] = await Promise.allSettled([begun, ...runs])
    const failed = [first, ...outcomes].find((each) => each.status === 'rejected')
    if (failed !== undefined) {
      // Without an answer to this, the connection is closed, and the server rolls back.
      if (!isUnreachable(failed.reason)) await run('rollback').catch(() => undefined)
      throw failed.reason
    }
    await run('commit')
    for (const each of outcomes) if (each.status === 'fulfilled') each.value()
  })
}

function isUnreachable(error: unknown): boolean {
  return error instanceof StorageError && error.code === 'unreachable'
}
