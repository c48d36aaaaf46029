import { setImmediate as nextTurn } from 'node:timers/promises'
import { sql, type Kysely } from 'kysely'
import { z } from 'zod'
import { everyGeneration } from '../../domain/generation/search/generation-filter.ts'
import type { Generation } from '../../domain/generation/generation.ts'
import type { GenerationId } from '../../domain/ids.ts'
import type { Sample, SampleQuery } from '../../ports/generations/generation-search.ts'
import type { Database } from '../engine/database.ts'
import { generationId } from '../generations/generation-document.ts'
import type { Schema } from '../schema.ts'
import { candidates } from './candidates.ts'
import { allOf, conditions } from './conditions.ts'

const found = z.tuple([z.tuple([z.object({ count: z.number() })]), z.array(z.object({ id: generationId }))])

/** Between two pauses in which others are served: about 10 ms. */
const documentsAtOnce = 50

/** Counts and chooses off the event loop, in one snapshot. */
export async function sampleGenerations(
  { read, report }: Pick<Database, 'read' | 'report'>,
  documentsOf: (read: Kysely<Schema>, ids: readonly GenerationId[]) => Promise<Generation[]>,
  { tenant, from, to, limit }: SampleQuery,
): Promise<Sample> {
  const span = { createdFrom: from, createdTo: to, characters: null, now: 0 }
  const filter = { ...everyGeneration, ...span, tenant, status: 'completed' as const }
  const walk = { after: null, oldestFirst: true, limit: Number.MAX_SAFE_INTEGER }
  const met = sql`(${candidates(filter, walk)}) as walked join generations on generations.id = walked.id
    where ${allOf(conditions(filter))}`
  const queries = [
    sql`select count(*) as count from ${met}`,
    sql`select generations.id as id from ${met} order by ${mixed}, generations.id limit ${limit}`,
  ]
  const [[{ count }], chosen] = found.parse(await report(queries.map((query) => query.compile(read))))
  const ids = chosen.map(({ id }) => id).toSorted()

  async function* generations(): AsyncGenerator<Generation> {
    for (let at = 0; at < ids.length; at += documentsAtOnce) {
      yield* await documentsOf(read, ids.slice(at, at + documentsAtOnce))
      await nextTurn()
    }
  }
  return { total: count, generations: generations() }
}

/** The last characters of an id are random, or count up within a millisecond. Backwards, neighbours are far apart. */
const mixed = sql.join(
  [0, 1, 2, 3].map((place) => sql`substr(generations.id, length(generations.id) - ${sql.lit(place)}, 1)`),
  sql` || `,
)
