import { CompiledQuery, type Kysely } from 'kysely'
import type { Report } from '../engine/report-reader.ts'
import { StorageError } from '../engine/storage-error.ts'
import { runAgain } from './run-again.ts'

/**
 * Reads the queries of a report from one snapshot. While a snapshot is open nothing that changed since can be cleaned
 * up, which slows down claims within seconds, so its time is short.
 */
export function createPostgresReports<Tables>(
  kysely: Kysely<Tables>,
  { limitMs, mostWaiting }: { limitMs: number; mostWaiting: number },
): Report {
  let waiting = 0
  let last: Promise<unknown> = Promise.resolve()

  async function read(queries: Parameters<Report>[0], deadline: number): Promise<unknown[][]> {
    const rows: unknown[][] = []
    await kysely
      .transaction()
      .setIsolationLevel('repeatable read')
      .setAccessMode('read only')
      .execute(async (transaction) => {
        for (const { sql, parameters } of queries) {
          const left = Math.floor(deadline - performance.now())
          if (left <= 0) throw tooLong()
          await transaction.executeQuery(CompiledQuery.raw(`set local statement_timeout = ${left}`))
          const answer = await transaction.executeQuery(CompiledQuery.raw(sql, [...parameters]))
          rows.push(answer.rows)
        }
      })
    return rows
  }

  return async (queries) => {
    if (waiting >= mostWaiting)
      throw new StorageError('busy', 'Too many reports are being created. Try again later.')
    const deadline = performance.now() + limitMs
    waiting++
    const turn = last.then(() => runAgain(() => read(queries, deadline))).finally(() => waiting--)
    last = turn.catch(() => undefined)
    try {
      return await turn
    } catch (error) {
      throw performance.now() >= deadline ? tooLong(error) : error
    }
  }
}

function tooLong(cause?: unknown): StorageError {
  return new StorageError('busy', 'The report took too long. Choose a shorter period.', { cause })
}
