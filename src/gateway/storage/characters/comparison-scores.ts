import type { Kysely } from 'kysely'
import { z } from 'zod'
import { linkRater } from '../../domain/characters/comparison.ts'
import type { CellScore, CellScores } from '../../domain/characters/comparison.ts'
import type { ComparisonId } from '../../domain/ids.ts'
import type { ComparisonStore } from '../../ports/characters/comparison-store.ts'
import { prepareAppendAudit } from '../accounts/audit-log.ts'
import type { Database } from '../engine/database.ts'
import { scoresLock } from '../engine/lock-names.ts'
import type { Schema } from '../schema.ts'

const storedGenerationId = z.templateLiteral(['gen_', z.string()])
const scoresRow = z
  .object({
    generation_id: storedGenerationId,
    count: z.number(),
    face: z.number(),
    clothing: z.number(),
    style: z.number(),
  })
  .transform(({ generation_id, ...scores }): CellScores => ({ generationId: generation_id, ...scores }))
const scoreRow = z
  .object({
    generation_id: storedGenerationId,
    rater: z.string(),
    face: z.number(),
    clothing: z.number(),
    style: z.number(),
    at: z.number(),
  })
  .transform(({ generation_id, ...score }): CellScore => ({ generationId: generation_id, ...score }))

/** Scores as rows, so that two raters never overwrite each other. */
export function scoresIn({
  read,
  write,
}: Database): Pick<ComparisonStore, 'scores' | 'scoresBy' | 'putScores'> {
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
    async scoresBy(id, rater) {
      const rows = await read
        .selectFrom('comparison_scores')
        .select(['generation_id', 'rater', 'face', 'clothing', 'style', 'at'])
        .where('comparison_id', '=', id)
        .where('rater', '=', rater)
        .orderBy('generation_id')
        .execute()
      return z.array(scoreRow).parse(rows)
    },
    putScores: (id, scores, most, audit) =>
      write(
        async (transaction) => {
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
        },
        { locks: [scoresLock(id)] },
      ),
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
