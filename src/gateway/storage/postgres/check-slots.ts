import { sql, type Kysely } from 'kysely'
import { z } from 'zod'
import { openEnd } from '../../domain/attempts/slot.ts'
import type { Database } from '../engine/database.ts'
import { cleaning } from '../engine/write-options.ts'
import type { Schema } from '../schema.ts'

const names = z.array(z.object({ upstream: z.string() }))

/**
 * Adds what `slots_taken` lacks of the attempts, or has too much. Both are changed in the same transactions, and one statement reads both
 * as of one instant, so whatever differs is wrong, however many attempts start and end meanwhile. Resolves to
 * how many sums that were.
 */
export async function correctSlots(queries: Kysely<Schema>, upstream: string | null = null): Promise<number> {
  const mine = upstream === null ? sql`` : sql`and upstream = ${upstream}`
  const { rows } = await sql`
    insert into slots_taken (upstream, slot_until, taken)
    select upstream, slot_until, sum(slots) from (
      select upstream, slot_until, 1 as slots from attempts
        where slot_until is not null and (generation_id is not null or slot_until < ${sql.lit(openEnd)}) ${mine}
      union all
      select upstream, slot_until, -taken from slots_taken where true ${mine}) compared
    group by upstream, slot_until having sum(slots) <> 0 returning upstream`.execute(queries)
  return rows.length
}

/** Compares the slots of all upstreams with the attempts, one upstream at a time. Resolves to the sums that were wrong. */
export async function checkSlots({ read, write }: Pick<Database, 'read' | 'write'>): Promise<number> {
  // One step in the index for each upstream.
  const { rows } = await sql`
    with recursive found as (
      (select upstream from attempts where slot_until is not null order by upstream limit 1)
      union all
      select (select upstream from attempts where slot_until is not null and upstream > found.upstream
        order by upstream limit 1) from found where found.upstream is not null)
    select upstream from found where upstream is not null union select upstream from slots_taken`.execute(
    read,
  )
  let corrected = 0
  for (const { upstream } of names.parse(rows))
    corrected += await write((transaction) => correctSlots(transaction, upstream), cleaning)
  // Of jobs that nobody waited for, each with an end of its own.
  await write(
    (transaction) =>
      sql`delete from slots_taken where merged and taken = 0 and slot_until < ${sql.lit(openEnd)}`.execute(
        transaction,
      ),
    cleaning,
  )
  return corrected
}
