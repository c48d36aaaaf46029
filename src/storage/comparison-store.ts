import { sql } from 'kysely'
import { z } from 'zod'
import type { CellScore, Comparison } from '../domain/comparison.ts'
import type { ComparisonStore } from '../ports/comparison-store.ts'
import { prepareAppendAudit } from './audit-log.ts'
import { comparisonDocument } from './comparison-document.ts'
import type { Database } from './database.ts'
import type { ComparisonsTable } from './schema.ts'

const storedRow = z.object({ doc: z.string(), version: z.number() })
const updatedRow = z.object({ id: z.string() })
const scoreRow = z
  .object({
    generation_id: z.templateLiteral(['gen_', z.string()]),
    rater: z.string(),
    face: z.number(),
    clothing: z.number(),
    style: z.number(),
    at: z.number(),
  })
  .transform(({ generation_id, ...score }): CellScore => ({ generationId: generation_id, ...score }))

/** Comparisons as one JSON document each; opinions as rows, so that two people never overwrite each other's. */
export function createComparisonStore({ read, write }: Database): ComparisonStore {
  const appendAudit = prepareAppendAudit(read)
  return {
    insert: (comparison, audit) =>
      write(async (transaction) => {
        await transaction
          .insertInto('comparisons')
          .values({ ...columnsOf(comparison), version: 1 })
          .execute()
        if (audit !== undefined) await appendAudit(transaction, audit)
      }),
    async get(id) {
      const row = await read
        .selectFrom('comparisons')
        .select(['doc', 'version'])
        .where('id', '=', id)
        .executeTakeFirst()
      return row === undefined ? null : parse(row)
    },
    async claimDue({ now, until, limit }) {
      const rows = await write(
        (transaction) =>
          transaction
            .updateTable('comparisons')
            .set({ due_at: until })
            .where('id', 'in', (due) =>
              due
                .selectFrom('comparisons')
                .select('id')
                .where('due_at', '<=', now)
                .orderBy('due_at')
                .limit(limit),
            )
            .where('due_at', '<=', now)
            .returning(['doc', 'version'])
            .execute(),
        'workers',
      )
      return rows.map(parse)
    },
    save: (next, version) =>
      write(async (transaction) => {
        const { id, ...columns } = columnsOf(next)
        const row = await transaction
          .updateTable('comparisons')
          .set({ ...columns, version: sql`version + 1` })
          .where('id', '=', id)
          .where('version', '=', version)
          .returning('id')
          .executeTakeFirst()
        return updatedRow.safeParse(row).success ? 'saved' : 'conflict'
      }, 'workers'),
    async scores(id) {
      const rows = await read
        .selectFrom('comparison_scores')
        .select(['generation_id', 'rater', 'face', 'clothing', 'style', 'at'])
        .where('comparison_id', '=', id)
        .orderBy('generation_id')
        .orderBy('rater')
        .execute()
      return z.array(scoreRow).parse(rows)
    },
    async putScores(id, scores, audit) {
      await write(async (transaction) => {
        for (const { generationId, rater, ...opinion } of scores) {
          await transaction
            .insertInto('comparison_scores')
            .values({ comparison_id: id, generation_id: generationId, rater, ...opinion })
            .onConflict((conflict) =>
              conflict.columns(['comparison_id', 'generation_id', 'rater']).doUpdateSet(opinion),
            )
            .execute()
        }
        if (audit !== undefined) await appendAudit(transaction, audit)
      })
    },
  }
}

function columnsOf(comparison: Comparison): Omit<ComparisonsTable, 'version'> {
  const { id, tenant, dueAt } = comparison
  return { id, tenant, due_at: dueAt, doc: JSON.stringify(comparison) }
}

function parse(row: unknown): { comparison: Comparison; version: number } {
  const { doc, version } = storedRow.parse(row)
  return { comparison: comparisonDocument.parse(JSON.parse(doc)), version }
}
