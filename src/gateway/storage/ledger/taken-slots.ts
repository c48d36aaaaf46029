import { sql, type Kysely, type RawBuilder } from 'kysely'
import { z } from 'zod'
import { openEnd } from '../../domain/attempts/slot.ts'
import type { SlotLimit } from '../../ports/generations/generation-store.ts'
import type { Database } from '../engine/database.ts'
import type { Schema } from '../schema.ts'

const counts = z.array(z.object({ upstream: z.string(), taken: z.number() }))

/** A job may outlast the record of its generation, but nothing would ever end a slot without an end. */
const ofAttempts = (at: number, upstream: RawBuilder<unknown>) => sql`
  select upstream, count(*) as taken from attempts
    where slot_until > ${at} and (generation_id is not null or slot_until < ${sql.lit(openEnd)}) and upstream = ${upstream}
    group by upstream`
const ofSums = (at: number, upstream: RawBuilder<unknown>) => sql`
  select upstream, taken from count_slots(${at}::bigint, ${upstream}) where taken > 0`

export interface TakenSlots {
  /** Of each upstream, at an instant (ms since the epoch). */
  count: (at: number) => Promise<Map<string, number>>
  /** Within the transaction that stores the start of an attempt. */
  isFree: (transaction: Kysely<Schema>, limit: SlotLimit) => Promise<boolean>
}

/**
 * Where several processes start attempts, a table has the sums, so that counting does not read each attempt in flight. One process
 * that owns its file counts in memory and asks for none of this.
 */
export function createTakenSlots({ read, counters }: Pick<Database, 'read' | 'counters'>): TakenSlots {
  const [slots, all] = counters === null ? [ofAttempts, sql.ref('upstream')] : [ofSums, sql`null::text`]
  return {
    async count(at) {
      const { rows } = await slots(at, all).execute(read)
      return new Map(counts.parse(rows).map(({ upstream, taken }) => [upstream, taken]))
    },
    async isFree(transaction, { upstream, limit, at }) {
      const { rows } = await slots(at, sql`${upstream}`).execute(transaction)
      const [found] = counts.parse(rows)
      return (found?.taken ?? 0) < limit
    },
  }
}
