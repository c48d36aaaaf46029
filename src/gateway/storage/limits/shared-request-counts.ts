import { sql, type Kysely } from 'kysely'
import { z } from 'zod'
import type { RequestCounts } from '../../ports/accounts/request-counts.ts'
import type { Schema } from '../schema.ts'
import { createJoinedCalls } from './joined-calls.ts'

const counted = z.object({ total: z.number(), left_ms: z.number() })

/** One row for each name that is counted. Requests of one name that come at once share a statement. */
export function createSharedRequestCounts(counters: Kysely<Schema>): RequestCounts {
  const add = createJoinedCalls<number, { total: number; leftMs: number }>(async (name, windowMs, added) => {
    const { rows } = await sql`
      select total, left_ms from count_requests(${name}, ${added}::integer, ${windowMs}::double precision)
    `.execute(counters)
    const { total, left_ms: leftMs } = counted.parse(rows[0])
    return (index) => ({ total: total - added + index + 1, leftMs })
  })
  return { add }
}
