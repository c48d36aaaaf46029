import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { CompiledQuery, sql, type Kysely } from 'kysely'
import { z } from 'zod'
import { StorageError } from '../engine/storage-error.ts'

/** `unknown`: the server could not say so in time. */
export type CommitOutcome = 'made' | 'not_made' | 'unknown'

/** One transaction, by its number in its lane. */
export interface CommitMark<Tables> {
  /** Writes the mark, as a part of the transaction. */
  put: (transaction: Kysely<Tables>) => Promise<unknown>
  /** Whether the transaction was committed, for one whose commit was not answered. Its connection must have been given up. */
  outcome: () => Promise<CommitOutcome>
  /** The server has answered that the transaction is over, so that its lane may be used again. */
  over: () => void
}

export interface CommitMarks<Tables> {
  next: () => CommitMark<Tables>
}

/**
 * A server that restarts, or a standby that is promoted, is back within this time; a backend whose client is gone gives up
 * its transaction sooner (`idle_in_transaction_session_timeout`). Callers wait no longer than this for a 503.
 */
const LOOKED_FOR_MS = 10_000
const PAUSE_MS = 100
/** For one look, which waits for the transaction in question as long as that is under way. */
const ONE_LOOK_MS = 2000
/** Lanes belong to a process. Nobody asks for one whose last transaction was so long ago. */
const KEPT = '1 day'

const markRow = z.object({ number: z.number() })
const waited = new Set<string>(['unreachable', 'busy'])

/**
 * Tells whether a transaction was committed whose commit was not answered. Each transaction writes its number into the row of
 * its lane, which no other transaction uses meanwhile. So the number is there if, and only if, all of the transaction is.
 *
 * That a number is missing proves something only once its transaction can no longer be committed. Therefore it is looked
 * up by a write to the same row. This write waits for the lock of that row, which the transaction holds until the server has
 * committed it or has rolled it back, and so it is answered after that. After a crash or a promotion, no earlier transaction is
 * under way: what the write-ahead log did not hold will never be there. A standby that still follows refuses the write, and is
 * asked again. Where commits wait for a standby, the commit of the look waits as well, and its position in the log is a later
 * one: a commit that is found has then reached the standby too.
 *
 * The status that PostgreSQL keeps of a transaction (`pg_xact_status`) would not do: after a crash or a promotion the server
 * gives a number again that had not reached the disk, or the standby.
 */
export function createCommitMarks<Tables>(
  kysely: Kysely<Tables>,
  { lookedForMs = LOOKED_FOR_MS }: { lookedForMs?: number } = {},
): CommitMarks<Tables> {
  const free: Array<{ name: string; last: number }> = []

  return {
    next() {
      // One whose transaction may still be under way is not used again.
      const lane = free.pop() ?? { name: randomUUID(), last: 0 }
      const number = ++lane.last
      return {
        put: (transaction) =>
          sql`insert into commit_marks (lane, number) values (${lane.name}, ${number})
            on conflict (lane) do update set number = excluded.number, written_at = now()`.execute(
            transaction,
          ),
        outcome: () => lookFor(kysely, { lane: lane.name, number, lookedForMs }),
        over: () => void free.push(lane),
      }
    },
  }
}

/** Removes the rows of processes that ended long ago. */
export async function removeOldMarks<Tables>(kysely: Kysely<Tables>): Promise<void> {
  await sql`delete from commit_marks where lane in (
    select lane from commit_marks where written_at < now() - ${KEPT}::interval for update skip locked)`.execute(
    kysely,
  )
}

async function lookFor<Tables>(
  kysely: Kysely<Tables>,
  { lane, number, lookedForMs }: { lane: string; number: number; lookedForMs: number },
): Promise<CommitOutcome> {
  const over = new AbortController()
  const late = pause(lookedForMs, null, { signal: over.signal })
  try {
    for (;;) {
      const found = await Promise.race([look(kysely, lane), late])
      if (found === null) return 'unknown'
      if (found !== 'again') return found === number ? 'made' : 'not_made'
      if ((await Promise.race([pause(PAUSE_MS, 'again'), late])) === null) return 'unknown'
    }
  } catch {
    return 'unknown'
  } finally {
    over.abort()
    late.catch(() => undefined)
  }
}

/** The number of the last transaction of a lane; 0 without one. */
async function look<Tables>(kysely: Kysely<Tables>, lane: string): Promise<number | 'again'> {
  try {
    return await kysely.connection().execute(async (connection) => {
      const run = (text: string) => connection.executeQuery(CompiledQuery.raw(text))
      await run(`begin; set local statement_timeout = ${ONE_LOOK_MS}`)
      try {
        const { rows } = await sql`insert into commit_marks (lane, number) values (${lane}, 0)
          on conflict (lane) do update set number = commit_marks.number returning number`.execute(connection)
        await run('commit')
        return markRow.parse(rows[0]).number
      } catch (error) {
        await run('rollback').catch(() => undefined)
        throw error
      }
    })
  } catch (error) {
    if (error instanceof StorageError && waited.has(error.code)) return 'again'
    throw error
  }
}
