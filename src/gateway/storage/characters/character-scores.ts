import { sql } from 'kysely'
import type { RawBuilder } from 'kysely'
import { z } from 'zod'
import type { CharacterId } from '../../domain/ids.ts'
import type { CharacterStore } from '../../ports/characters/character-store.ts'
import type { Database } from '../engine/database.ts'

const scoresRow = z.object({
  upstream: z.string(),
  count: z.number(),
  face: z.number(),
  clothing: z.number(),
  style: z.number(),
})

/** Whether a list of characters as an attempt stores it has this one. Names have no quotes, so only an id can match. */
export function showing(characters: RawBuilder<unknown>, id: CharacterId): RawBuilder<boolean> {
  return sql<boolean>`${characters} like ${`%"id":"${id}"%`}`
}

/** Attempts outlive their generations, so that the scores of a removed video still count. */
export function createCharacterScores({ read }: Database): CharacterStore['scores'] {
  return async (id) => {
    const rows = await read
      .selectFrom('comparison_scores')
      .innerJoin('attempts', 'attempts.generation', 'comparison_scores.generation_id')
      .where('attempts.delivered', '=', 1)
      .where(showing(sql.ref('attempts.characters'), id))
      .select(({ fn }) => [
        'attempts.upstream',
        fn.countAll().as('count'),
        fn.avg('face').as('face'),
        fn.avg('clothing').as('clothing'),
        fn.avg('style').as('style'),
      ])
      .groupBy('attempts.upstream')
      .orderBy('attempts.upstream')
      .execute()
    return z.array(scoresRow).parse(rows)
  }
}
