import { isDeepStrictEqual } from 'node:util'
import { sql, type Kysely } from 'kysely'
import { z } from 'zod'
import { historyVerdict, type ServerHistory } from '../../domain/restore/promotion.ts'
import type { HistoryStore } from '../../ports/operations/history-store.ts'
import type { Database } from '../engine/database.ts'
import { exclusive } from '../engine/write-options.ts'
import { holdWithin } from '../queue/hold-store.ts'
import type { Schema } from '../schema.ts'

const name = 'server_history'

const history: z.ZodType<ServerHistory> = z.object({
  systemId: z.string().nullable(),
  timeline: z.number(),
  synchronous: z.boolean(),
})

// Of the log that is written now: the control file names a new timeline only after the next checkpoint.
const current = sql`select system_identifier::text as "systemId",
    ('x' || substr(pg_walfile_name(pg_current_wal_flush_lsn()), 1, 8))::bit(32)::int as timeline,
    current_setting('synchronous_standby_names') <> ''
      and current_setting('synchronous_commit') in ('on', 'remote_apply') as synchronous
  from pg_control_system()`

export function createHistoryStore({ read, write }: Pick<Database, 'read' | 'write'>): HistoryStore {
  return {
    async compare(now) {
      const seen = await look(read)
      if (isDeepStrictEqual(seen.before, seen.found)) return { verdict: 'same', history: seen.found }
      return write(
        async (transaction) => {
          const { before, found } = await look(transaction)
          const verdict = historyVerdict(before, found)
          if (verdict === 'held') await holdWithin(transaction, now)
          const value = JSON.stringify(found)
          await transaction
            .insertInto('installation')
            .values({ name, value })
            .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
            .execute()
          return { verdict, history: found }
        },
        { locks: [exclusive(name)] },
      )
    },
  }
}

async function look(queries: Kysely<Schema>) {
  const { rows } = await current.execute(queries)
  return { found: history.parse(rows[0]), before: await stored(queries) }
}

/** Null also where a later release wrote it. */
async function stored(queries: Kysely<Schema>): Promise<ServerHistory | null> {
  const row = await queries
    .selectFrom('installation')
    .select('value')
    .where('name', '=', name)
    .executeTakeFirst()
  return row === undefined ? null : (history.safeParse(JSON.parse(row.value)).data ?? null)
}
