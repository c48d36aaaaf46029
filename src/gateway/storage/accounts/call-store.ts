import { sql } from 'kysely'
import { z } from 'zod'
import type { CallStore } from '../../ports/generations/call-store.ts'
import type { Database } from '../engine/database.ts'
import { answerLock } from '../engine/lock-names.ts'
import { cleaning } from '../engine/write-options.ts'

const foundRow = z.object({ request_hash: z.string(), subject: z.string(), made: z.number() })

export function createCallStore({ write }: Database): CallStore {
  return {
    reserve: (call, since) =>
      write(
        async (transaction) => {
          const inserted = await transaction
            .insertInto('calls')
            .values({
              tenant: call.tenant,
              key_hash: call.keyHash,
              request_hash: call.requestHash,
              subject: call.subject,
              at: call.at,
              made: 0,
            })
            .onConflict((conflict) =>
              conflict
                .columns(['tenant', 'key_hash'])
                .doUpdateSet({ request_hash: call.requestHash, subject: call.subject, at: call.at, made: 0 })
                .where('calls.at', '<', since),
            )
            .returning('subject')
            .executeTakeFirst()
          if (inserted !== undefined)
            return { first: true, requestHash: call.requestHash, subject: call.subject, made: false }
          const row = await transaction
            .selectFrom('calls')
            .select(['request_hash', 'subject', 'made'])
            .where('tenant', '=', call.tenant)
            .where('key_hash', '=', call.keyHash)
            .executeTakeFirstOrThrow()
          const { request_hash: requestHash, subject, made } = foundRow.parse(row)
          return { first: false, requestHash, subject, made: made > 0 }
        },
        { locks: [answerLock(call.tenant, call.keyHash)] },
      ),
    async prune(before, limit) {
      const { numAffectedRows = 0n } = await write(
        (transaction) =>
          sql`delete from calls where (tenant, key_hash) in (
            select tenant, key_hash from calls where at < ${before} order by at limit ${limit}
          ) and at < ${before}`.execute(transaction),
        cleaning,
      )
      return Number(numAffectedRows)
    },
  }
}
