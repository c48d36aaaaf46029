import { sql } from 'kysely'
import { z } from 'zod'
import type { Comparison } from '../../domain/characters/comparison.ts'
import type { ComparisonStore } from '../../ports/characters/comparison-store.ts'
import { prepareAppendAudit } from '../accounts/audit-log.ts'
import { comparisonId, parseComparison, parseListedComparison } from './comparison-document.ts'
import { scoresIn } from './comparison-scores.ts'
import type { Database } from '../engine/database.ts'
import { scoresLock } from '../engine/lock-names.ts'
import { createReadMoney } from '../ledger/read-money.ts'
import { createDocumentClaims } from '../queue/document-claims.ts'
import type { ComparisonsTable } from '../tables/character-tables.ts'

const updatedRow = z.object({ id: z.string() })
/** Comparisons as one JSON document each. */
export function createComparisonStore(database: Database): ComparisonStore {
  const { read, write } = database
  const appendAudit = prepareAppendAudit(read)
  return {
    insert: (comparison, audit) =>
      write(
        async (transaction) => {
          await transaction
            .insertInto('comparisons')
            .values({ ...columnsOf(comparison), version: 1, in_hand: 0, crash_points: 0 })
            .execute()
          if (audit !== undefined) await appendAudit(transaction, audit)
        },
        { locks: [] },
      ),
    async get(id) {
      const row = await read
        .selectFrom('comparisons')
        .select(['doc', 'version'])
        .where('id', '=', id)
        .executeTakeFirst()
      return row === undefined ? null : parseComparison(row)
    },
    async list({ tenant, before, limit }) {
      const rows = await read
        .selectFrom('comparisons')
        .select('doc')
        .where('tenant', '=', tenant)
        .$if(before !== null, (query) => query.where('id', '<', before ?? ''))
        .orderBy('id', 'desc')
        .limit(limit)
        .execute()
      return rows.map(parseListedComparison)
    },
    money: createReadMoney(read),
    ...createDocumentClaims(database, 'comparisons', comparisonId, parseComparison),
    save: (next, version, audit) =>
      write(
        async (transaction) => {
          const { id, ...columns } = columnsOf(next)
          const row = await transaction
            .updateTable('comparisons')
            .set({ ...columns, version: sql`version + 1`, in_hand: 0, crash_points: 0 })
            .where('id', '=', id)
            .where('version', '=', version)
            .returning('id')
            .executeTakeFirst()
          if (!updatedRow.safeParse(row).success) return 'conflict'
          if (audit !== undefined) await appendAudit(transaction, audit)
          return 'saved'
        },
        { queue: 'workers', locks: [] },
      ),
    remove: (id, audit) =>
      write(
        async (transaction) => {
          await transaction.deleteFrom('comparison_scores').where('comparison_id', '=', id).execute()
          const removed = await transaction
            .deleteFrom('comparisons')
            .where('id', '=', id)
            .returning('id')
            .executeTakeFirst()
          if (removed !== undefined && audit !== undefined) await appendAudit(transaction, audit)
        },
        { locks: [scoresLock(id)] },
      ),
    ...scoresIn(database),
  }
}

function columnsOf(comparison: Comparison): Omit<ComparisonsTable, 'version' | 'in_hand' | 'crash_points'> {
  const { id, tenant, dueAt } = comparison
  return { id, tenant, due_at: dueAt, doc: JSON.stringify(comparison) }
}
