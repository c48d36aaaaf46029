import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import { z } from 'zod'
import { linkRater } from '../../domain/characters/comparison.ts'
import type { CellScore, CellScores, Comparison } from '../../domain/characters/comparison.ts'
import type { ComparisonId } from '../../domain/ids.ts'
import type { ComparisonStore } from '../../ports/characters/comparison-store.ts'
import { prepareAppendAudit } from '../accounts/audit-log.ts'
import { comparisonId, parseComparison } from './comparison-document.ts'
import type { Database } from '../engine/database.ts'
import { createDocumentClaims } from '../queue/document-claims.ts'
import type { Schema } from '../schema.ts'
import type { ComparisonsTable } from '../tables/character-tables.ts'

const updatedRow = z.object({ id: z.string() })
const scoresRow = z
  .object({
    generation_id: z.templateLiteral(['gen_', z.string()]),
    count: z.number(),
    face: z.number(),
    clothing: z.number(),
    style: z.number(),
  })
  .transform(({ generation_id, ...scores }): CellScores => ({ generationId: generation_id, ...scores }))

/** Comparisons as one JSON document each; scores as rows, so that two raters never overwrite each other. */
export function createComparisonStore(database: Database): ComparisonStore {
  const { read, write } = database
  const appendAudit = prepareAppendAudit(read)
  return {
    insert: (comparison, audit) =>
      write(async (transaction) => {
        await transaction
          .insertInto('comparisons')
          .values({ ...columnsOf(comparison), version: 1, in_hand: 0, crash_points: 0 })
          .execute()
        if (audit !== undefined) await appendAudit(transaction, audit)
      }),
    async get(id) {
      const row = await read
        .selectFrom('comparisons')
        .select(['doc', 'version'])
        .where('id', '=', id)
        .executeTakeFirst()
      return row === undefined ? null : parseComparison(row)
    },
    ...createDocumentClaims(database, 'comparisons', comparisonId, parseComparison),
    save: (next, version, audit) =>
      write(async (transaction) => {
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
      }, 'workers'),
    remove: (id, audit) =>
      write(async (transaction) => {
        await transaction.deleteFrom('comparison_scores').where('comparison_id', '=', id).execute()
        const removed = await transaction
          .deleteFrom('comparisons')
          .where('id', '=', id)
          .returning('id')
          .executeTakeFirst()
        if (removed !== undefined && audit !== undefined) await appendAudit(transaction, audit)
      }),
    ...scoresIn(database),
  }
}

function scoresIn({ read, write }: Database): Pick<ComparisonStore, 'scores' | 'putScores'> {
  const appendAudit = prepareAppendAudit(read)
  return {
    async scores(id) {
      const rows = await read
        .selectFrom('comparison_scores')
        .select(({ fn }) => [
          'generation_id',
          fn.countAll().as('count'),
          fn.avg('face').as('face'),
          fn.avg('clothing').as('clothing'),
          fn.avg('style').as('style'),
        ])
        .where('comparison_id', '=', id)
        .groupBy('generation_id')
        .orderBy('generation_id')
        .execute()
      return z.array(scoresRow).parse(rows)
    },
    putScores: (id, scores, most, audit) =>
      write(async (transaction) => {
        if (await hasTooMany(transaction, id, scores, most)) return 'too_many'
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
        return 'stored'
      }),
  }
}

async function hasTooMany(
  transaction: Kysely<Schema>,
  id: ComparisonId,
  scores: readonly CellScore[],
  most: { byLink: number; byKey: number },
): Promise<boolean> {
  const rows = await transaction
    .selectFrom('comparison_scores')
    .select('rater')
    .distinct()
    .where('comparison_id', '=', id)
    .execute()
  const known = new Set(rows.map(({ rater }) => rater))
  const added = new Set(scores.map(({ rater }) => rater)).difference(known)
  // A rater who has already scored may always score again.
  return [...added].some(
    (rater) =>
      countLike(known, rater) + countLike(added, rater) > (isByLink(rater) ? most.byLink : most.byKey),
  )
}

function isByLink(rater: string): boolean {
  return rater.startsWith(linkRater)
}

function countLike(raters: Set<string>, other: string): number {
  return [...raters].filter((rater) => isByLink(rater) === isByLink(other)).length
}

function columnsOf(comparison: Comparison): Omit<ComparisonsTable, 'version' | 'in_hand' | 'crash_points'> {
  const { id, tenant, dueAt } = comparison
  return { id, tenant, due_at: dueAt, doc: JSON.stringify(comparison) }
}
