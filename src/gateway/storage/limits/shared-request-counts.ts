import { sql, type Kysely } from 'kysely'
import { z } from 'zod'
import type { RequestCounts } from '../../ports/accounts/request-counts.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Schema } from '../schema.ts'
import { createJoinedCalls } from './joined-calls.ts'

const counted = z.object({ total: z.number(), left_ms: z.number() })

const hourMs = 3600_000
/** Far longer than any window: such a row would begin anew with the next request. */
const keptMs = 24 * hourMs
const rowsAtOnce = 10_000

/** One row for each name that is counted. Requests of one name that come at once share a statement. Each node removes old rows once an hour. */
export function createSharedRequestCounts(counters: Kysely<Schema>, clock: Clock): RequestCounts {
  let prunedAt = clock.now()
  const add = createJoinedCalls<number, { total: number; leftMs: number }>(async (name, windowMs, added) => {
    const { rows } = await sql`
      select total, left_ms from count_requests(${name}, ${added}::integer, ${windowMs}::double precision)
    `.execute(counters)
    const { total, left_ms: leftMs } = counted.parse(rows[0])
    if (Math.abs(clock.now() - prunedAt) >= hourMs) {
      prunedAt = clock.now()
      // What cannot be removed now is removed an hour later.
      prune(counters).catch(() => undefined)
    }
    return (index) => ({ total: total - added + index + 1, leftMs })
  })
  return { add }
}

/** Leaves rows alone that somebody counts in now. */
async function prune(counters: Kysely<Schema>): Promise<void> {
  await sql`
    delete from request_counts where name in (
      select name from request_counts where started < database_ms() - ${keptMs}::double precision
      limit ${rowsAtOnce}::integer for update skip locked)
  `.execute(counters)
}
