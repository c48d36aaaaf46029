import { sql } from 'kysely'
import { z } from 'zod'
import type { StoredInstants } from '../ports/stored-instants.ts'
import type { Database } from './engine/database.ts'
import { parseGeneration } from './generations/generation-rows.ts'
import { documentTables } from './queue/document-claims.ts'

const storedRow = z.object({ doc: z.string(), version: z.number() })

/** Scans every waiting row. Clock changes are rare, so this needs no index. */
export function createStoredInstants({ read, write }: Database): StoredInstants {
  return {
    bringBack: (byMs, now) =>
      write(async (transaction) => {
        const earlier = (column: string) =>
          sql<number>`case when ${sql.ref(column)} - ${byMs} < ${now} then ${now} else ${sql.ref(column)} - ${byMs} end`
        await transaction
          .updateTable('generations')
          .set({ lease_until: earlier('lease_until') })
          .where('due_at', 'is not', null)
          .where('lease_until', '>', now)
          .execute()
        for (const column of ['due_at', 'lease_until'] as const) {
          await transaction
            .updateTable('deliveries')
            .set({ [column]: earlier(column) })
            .where('due_at', 'is not', null)
            .where(column, '>', now)
            .execute()
        }
        for (const table of documentTables) {
          await transaction
            .updateTable(table)
            .set({ due_at: earlier('due_at') })
            .where('due_at', '>', now)
            .execute()
        }
        await transaction
          .updateTable('bindings')
          .set({ lease_until: earlier('lease_until') })
          .where('lease_until', '>', now)
          .execute()
        await transaction
          .updateTable('bindings')
          .set({ retry_at: earlier('retry_at') })
          .where('retry_at', '>', now)
          .execute()
      }, 'workers'),
    async open(after, limit) {
      const rows = await read
        .selectFrom('generations')
        .select(['doc', 'version'])
        .where('due_at', 'is not', null)
        .$if(after !== null, (query) => query.where('id', '>', after))
        .orderBy('id')
        .limit(limit)
        .execute()
      return z
        .array(storedRow)
        .parse(rows)
        .map(({ doc, version }) => ({ generation: parseGeneration(doc), version }))
    },
  }
}
