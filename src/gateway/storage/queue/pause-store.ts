import { sql, type Kysely } from 'kysely'
import { z } from 'zod'
import { everyUpstream } from '../../domain/routing/submission-pause.ts'
import type { SubmissionPause } from '../../domain/routing/submission-pause.ts'
import type { PauseStore } from '../../ports/operations/pause-store.ts'
import { prepareAppendAudit } from '../accounts/audit-log.ts'
import type { Database } from '../engine/database.ts'
import { pausesLock } from '../engine/lock-names.ts'
import { prepareQuery } from '../engine/prepared-query.ts'
import type { Schema } from '../schema.ts'

const pauseRow: z.ZodType<SubmissionPause> = z.object({
  target: z.string(),
  reason: z.string(),
  since: z.number(),
  until: z.number().nullable(),
  by: z.string(),
})

export function createPauseStore({ read, write }: Database): PauseStore {
  const appendAudit = prepareAppendAudit(read)
  return {
    async all() {
      const rows = await read.selectFrom('submission_pauses').selectAll().orderBy('target').execute()
      return rows.map((each) => pauseRow.parse(each))
    },
    put: (pause, entry) =>
      write(
        async (transaction) => {
          const { reason, since, until, by } = pause
          await transaction
            .insertInto('submission_pauses')
            .values(pause)
            .onConflict((conflict) => conflict.column('target').doUpdateSet({ reason, since, until, by }))
            .execute()
          await appendAudit(transaction, entry)
        },
        { locks: [pausesLock.change] },
      ),
    remove: (target, entry) =>
      write(
        async (transaction) => {
          const removed = await transaction
            .deleteFrom('submission_pauses')
            .where('target', '=', target)
            .returning('target')
            .execute()
          if (removed.length === 0) return false
          await appendAudit(transaction, entry)
          return true
        },
        { locks: [pausesLock.change] },
      ),
  }
}

/** Within the transaction that commits a create as about to leave: a pause that was stored before it holds it back. */
export function prepareIsPaused(queries: Kysely<Schema>) {
  const find = prepareQuery<{ upstream: string; at: number }>((parameter) =>
    queries
      .selectFrom('submission_pauses')
      .select('target')
      .where((row) => row.or([row('target', '=', parameter('upstream')), row('target', '=', everyUpstream)]))
      .where((row) => row.or([row('until', 'is', null), row('until', '>', parameter('at'))]))
      .limit(sql.lit(1)),
  )
  return async (
    transaction: Kysely<Schema>,
    { upstream, at }: { upstream: string; at: number },
  ): Promise<boolean> => (await find(transaction, { upstream, at })).length > 0
}
