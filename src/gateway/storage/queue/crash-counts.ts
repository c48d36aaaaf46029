import { sql, type Kysely } from 'kysely'
import { z } from 'zod'
import { asideMs, crashPoints } from '../../domain/scheduling/crash.ts'
import { isGenerationId } from '../../domain/ids.ts'
import type { GenerationQueue, SetAside } from '../../ports/generations/generation-queue.ts'
import type { Database } from '../engine/database.ts'
import { generationLock } from '../engine/lock-names.ts'
import { seekingBy } from '../ledger/seeking-by.ts'
import type { Schema } from '../schema.ts'

export const nobody = { lease_owner: null, lease_until: null }
/** Prevents a row from being claimed. Like every lease, it expires. */
export const asideOwner = 'set aside'

const countedRow = z.object({ id: z.string().refine(isGenerationId), crash_points: z.number() })

/** Counts how often a process ended while it was working on a row. A step saved by a later process resets the count. */
export function createCrashCounts({
  write,
  skipLocked: isShared,
}: Pick<Database, 'write' | 'skipLocked'>): Pick<
  GenerationQueue,
  'noteCrash' | 'setCrashedAside' | 'releaseAll'
> {
  return {
    async noteCrash(ids, owner) {
      if (ids.length === 0) return
      await write(
        (transaction) =>
          transaction
            .updateTable('generations')
            .set((row) => ({
              crash_points: row('crash_points', '+', crashPoints.uncaughtError),
              crashed_by: owner,
            }))
            .where('id', 'in', ids)
            .where('lease_owner', '=', owner)
            .execute(),
        { locks: [] },
      )
    },
    async setCrashedAside(ids, now) {
      if (!isShared || ids.length === 0) return []
      return write(
        async (transaction) => {
          const rows = await transaction
            .selectFrom('generations')
            .select(['id', 'crash_points'])
            .where('id', 'in', ids)
            .where('due_at', 'is not', null)
            .execute()
          return setAside(transaction, rows, now)
        },
        { locks: ids.map(generationLock) },
      )
    },
    releaseAll: (now) =>
      write(async (transaction) => {
        await transaction
          .updateTable('generations')
          .set((row) => ({
            ...nobody,
            crash_points: row('crash_points', '+', crashPoints.killed),
            crashed_by: row.ref('lease_owner'),
          }))
          // A lease on a row that is never due again is harmless.
          .where(
            sql<boolean>`id in (select id from ${seekingBy(transaction, 'generations', 'generations_leased')}
              where lease_owner is not null and lease_owner <> ${asideOwner} and due_at is not null)`,
          )
          .execute()
        const { rows } = await sql`select id, crash_points
          from ${seekingBy(transaction, 'generations', 'generations_crashed')}
          where crashed_by is not null and due_at is not null`.execute(transaction)
        return setAside(transaction, rows, now)
      }),
  }
}

async function setAside(transaction: Kysely<Schema>, rows: unknown[], now: number): Promise<SetAside[]> {
  const aside = z
    .array(countedRow)
    .parse(rows)
    .flatMap(({ id, crash_points: points }): SetAside[] => {
      const ms = asideMs(points)
      return ms === null ? [] : [{ id, until: now + ms }]
    })
  for (const { id, until } of aside) {
    await transaction
      .updateTable('generations')
      .set({ lease_owner: asideOwner, lease_until: until, crashed_by: null })
      .where('id', '=', id)
      .execute()
  }
  return aside
}
