import { setTimeout as pause } from 'node:timers/promises'
import { CompiledQuery, type Kysely } from 'kysely'
import { StorageError } from '../engine/storage-error.ts'
import { lockStatement } from './held-locks.ts'
import { mayRunAgain } from './postgres-errors.ts'
import type { Queued } from './write-lanes.ts'

/** For an operation whose transactions the server rolls back again and again. */
const MOST_ATTEMPTS = 5
const LONGEST_PAUSE_MS = 20

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
    else for (const each of group) await runAlone(kysely, each, settings)
  }
}

async function runAlone<Tables>(
  kysely: Kysely<Tables>,
  queued: Queued<Tables>,
  settings: string,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await commitTogether(kysely, [queued], settings)
      return
    } catch (error) {
      if (attempt >= MOST_ATTEMPTS || !mayRunAgain(error)) {
        queued.reject(error)
        return
      }
      // Two that met once would meet again.
      await pause(Math.random() * LONGEST_PAUSE_MS)
    }
  }
}

async function commitTogether<Tables>(
  kysely: Kysely<Tables>,
  group: Group<Tables>,
  settings: string,
): Promise<void> {
  const begin = [
    'begin isolation level read committed read write',
    settings,
    lockStatement(group.flatMap(({ locks }) => locks)),
  ]
  await kysely.connection().execute(async (transaction) => {
    const run = (text: string) => transaction.executeQuery(CompiledQuery.raw(text))
    const acknowledgements: Array<() => void> = []
    try {
      await run(begin.filter((text) => text !== '').join('; '))
      for (const queued of group) acknowledgements.push(await queued.run(transaction))
    } catch (error) {
      // Without an answer to this, the connection is closed, and the server rolls back.
      if (!isUnreachable(error)) await run('rollback').catch(() => undefined)
      throw error
    }
    await run('commit')
    for (const acknowledge of acknowledgements) acknowledge()
  })
}

function isUnreachable(error: unknown): boolean {
  return error instanceof StorageError && error.code === 'unreachable'
}
