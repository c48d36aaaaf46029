import { setImmediate as nextTurn } from 'node:timers/promises'
import { sql, type Kysely } from 'kysely'
import { z } from 'zod'
import { hasWords } from '../../domain/generation/search/generation-filter.ts'
import type { GenerationId } from '../../domain/ids.ts'
import type { SearchFilter } from '../../ports/generations/generation-search.ts'
import { generationId } from '../generations/generation-document.ts'
import type { Schema } from '../schema.ts'
import { candidates } from './candidates.ts'
import { allOf, conditions } from './conditions.ts'

/** Generations that one search looks at. At a few KB each, 20,000 documents take about a second with pauses. */
export const mostWalked = 20_000
/** Between two pauses in which others are served: about 10 ms. Documents take longer than columns. */
const columnsAtOnce = 1000
const documentsAtOnce = 100

export interface Found {
  ids: GenerationId[]
  /** Where to go on; null at the end. */
  next: GenerationId | null
}

const walkedRow = z.object({ id: generationId, meets: z.number(), prompt: z.string().nullable() })
type WalkedRow = z.output<typeof walkedRow>

/** The ids of up to `limit` generations that match, in order. */
export async function walkGenerations(
  read: Kysely<Schema>,
  filter: SearchFilter,
  { before, oldestFirst, limit }: { before: GenerationId | null; oldestFirst: boolean; limit: number },
): Promise<Found> {
  const ids: GenerationId[] = []
  let after = before
  // Where an index alone answers, the first round is the only one.
  let atOnce = limit + 1
  for (let walked = 0; walked < mostWalked;) {
    const rows = await walkOn(read, filter, { after, oldestFirst, limit: atOnce })
    for (const row of rows) if (row.meets === 1 && hasWords(row.prompt ?? '', filter.words)) ids.push(row.id)
    const last = ids[limit - 1]
    if (last !== undefined && ids.length > limit) return { ids: ids.slice(0, limit), next: last }
    if (rows.length < atOnce) return { ids, next: null }
    after = rows.at(-1)?.id ?? null
    walked += rows.length
    atOnce = filter.words.length > 0 || filter.model !== null ? documentsAtOnce : columnsAtOnce
    await nextTurn()
  }
  return { ids, next: after }
}

async function walkOn(
  read: Kysely<Schema>,
  filter: SearchFilter,
  walk: { after: GenerationId | null; oldestFirst: boolean; limit: number },
): Promise<WalkedRow[]> {
  const meets = allOf(conditions(filter))
  const prompt =
    filter.words.length === 0
      ? sql`null`
      : sql`case when ${meets} then json_extract(generations.doc, '$.request.prompt') end`
  const query = sql`with walked as materialized (${candidates(filter, walk)})
    select generations.id as id, case when ${meets} then 1 else 0 end as meets, ${prompt} as prompt
    from walked join generations on generations.id = walked.id
    order by generations.id ${walk.oldestFirst ? sql`asc` : sql`desc`}`
  return z.array(walkedRow).parse((await query.execute(read)).rows)
}
