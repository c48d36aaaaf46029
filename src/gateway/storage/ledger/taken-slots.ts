import { sql, type Kysely } from 'kysely'
import { z } from 'zod'
import { openEnd } from '../../domain/attempts/slot.ts'
import type { SlotLimit } from '../../ports/generations/generation-store.ts'
import type { Schema } from '../schema.ts'

const counts = z.array(z.object({ upstream: z.string(), taken: z.number() }))

/** A job may outlast the record of its generation, but nothing would ever end a slot without an end. */
const isTakenAt = (at: number) =>
  sql<boolean>`slot_until > ${at} and (generation_id is not null or slot_until < ${openEnd})`

export async function slotsTaken(read: Kysely<Schema>, at: number): Promise<Map<string, number>> {
  const rows = await read
    .selectFrom('attempts')
    .select(['upstream', sql`count(*)`.as('taken')])
    .where(isTakenAt(at))
    .groupBy('upstream')
    .execute()
  return new Map(counts.parse(rows).map(({ upstream, taken }) => [upstream, taken]))
}

/**
 * Within the transaction that stores the start of an attempt. The index that serves this, `attempts_slots`, exists on
 * PostgreSQL only: one process that owns its file counts in memory.
 */
export async function hasFreeSlot(
  transaction: Kysely<Schema>,
  { upstream, limit, at }: SlotLimit,
): Promise<boolean> {
  const taken = await transaction
    .selectFrom('attempts')
    .select('id')
    .where('upstream', '=', upstream)
    .where(isTakenAt(at))
    .limit(Math.max(1, limit))
    .execute()
  return taken.length < limit
}
