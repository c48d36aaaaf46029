import { sql, type RawBuilder } from 'kysely'
import { z } from 'zod'
import { attemptStates } from '../../domain/generation/generation.ts'
import { generationStatuses } from '../../domain/generation/history.ts'
import { isGenerationId } from '../../domain/ids.ts'
import type { GenerationId } from '../../domain/ids.ts'
import { lostStates } from '../../domain/statistics/statistics.ts'
import type {
  GenerationCounts,
  SearchFilter,
  UncertainCount,
} from '../../ports/generations/generation-search.ts'
import type { Database } from '../engine/database.ts'
import { candidates } from './candidates.ts'
import { allOf, conditions, meant } from './conditions.ts'
import { mostWalked, walkGenerations } from './walk-generations.ts'

const countedRows = z.array(z.object({ word: z.string().nullable(), count: z.number() }))
const uncertainRows = z.array(
  z.object({ state: z.string(), attempts: z.number(), reservedMicros: z.number(), oldest: z.string() }),
)
const answered = z.tuple([countedRows, countedRows, countedRows, uncertainRows])

/** In one snapshot, off the event loop. Words are searched for first, among as many generations as a list looks at. */
export async function countGenerations(
  { read, report }: Pick<Database, 'read' | 'report'>,
  filter: SearchFilter,
): Promise<GenerationCounts> {
  const first = { before: null, oldestFirst: false, limit: mostWalked }
  const found = filter.words.length === 0 ? null : await walkGenerations(read, filter, first)
  const ids = found && found.ids
  const queries = [
    byStatus(filter, ids),
    byAttemptState(filter, ids),
    needingAttention(filter, ids),
    uncertain(filter, ids),
  ]
  const compiled = queries.map((query) => query.compile(read))
  const [statuses, states, attention, open] = answered.parse(await report(compiled))
  return {
    total: statuses.reduce((sum, { count }) => sum + count, 0),
    byStatus: countsOf(generationStatuses, statuses),
    byAttemptState: countsOf(attemptStates, states),
    attention: attention[0]?.count ?? 0,
    uncertain: new Map(
      lostStates.map((word) => [word, uncertainOf(open.find(({ state }) => state === word))]),
    ),
    isComplete: found === null || found.next === null,
  }
}

function countsOf<Word extends string>(
  words: readonly Word[],
  rows: Array<{ word: string | null; count: number }>,
): Map<Word, number> {
  return new Map(words.map((word) => [word, rows.find((row) => row.word === word)?.count ?? 0]))
}

type Ids = readonly GenerationId[] | null

function byStatus(filter: SearchFilter, ids: Ids): RawBuilder<unknown> {
  return sql`select generations.status as word, count(*) as count from ${met(filter, ids)} group by generations.status`
}

/** The conditions on attempts that the filter makes. */
function meantAttempts(filter: SearchFilter): Array<RawBuilder<boolean>> {
  const { error } = filter
  const said = meant(filter)
  if (error !== null) said.push(sql`(generations.error = ${error} or attempts.failure_code = ${error})`)
  return said
}

function byAttemptState(filter: SearchFilter, ids: Ids): RawBuilder<unknown> {
  const where = met(filter, ids, meantAttempts(filter))
  // Without conditions the index of states says it all.
  const isAll = ids === null && conditions(filter).length === 0
  return isAll
    ? sql`select state as word, count(distinct generation_id) as count from attempts
        where generation_id is not null group by state`
    : sql`select attempts.state as word, count(distinct generations.id) as count from ${where} group by attempts.state`
}

function uncertain(filter: SearchFilter, ids: Ids): RawBuilder<unknown> {
  const states = sql.join(lostStates.map((state) => sql.lit(state)))
  const where = met(filter, ids, [...meantAttempts(filter), sql`attempts.state in (${states})`])
  const reserved = sql`case when attempts.cost_state = 'reserved' then attempts.reserved_micros else 0 end`
  const alike = sql`partition by attempts.state`
  return sql`select state, attempts, oldest, "reservedMicros" from (
    select attempts.state as state, generations.id as oldest, count(*) over (${alike}) as attempts,
      cast(sum(${reserved}) over (${alike}) as bigint) as "reservedMicros",
      row_number() over (${alike} order by attempts.started_at, generations.id) as place
    from ${where}) as ranked where place = 1`
}

function uncertainOf(row: z.output<typeof uncertainRows>[number] | undefined): UncertainCount {
  if (row === undefined) return { attempts: 0, reservedMicros: 0, oldest: null }
  const { attempts, reservedMicros, oldest } = row
  return { attempts, reservedMicros, oldest: isGenerationId(oldest) ? oldest : null }
}

function needingAttention(filter: SearchFilter, ids: Ids): RawBuilder<unknown> {
  return sql`select null as word, count(*) as count from ${met({ ...filter, attention: true }, ids)}`
}

/** The generations that match, and with `attempts` those of their attempts. */
function met(filter: SearchFilter, ids: Ids, attempts?: Array<RawBuilder<boolean>>): RawBuilder<unknown> {
  const all = [...conditions(filter), ...(attempts ?? [])]
  const joined =
    attempts === undefined ? sql`` : sql`join attempts on attempts.generation_id = generations.id`
  return sql`${source(filter, ids)} ${joined} where ${allOf(all)}`
}

/** Where nothing but columns of `generations` is asked for, their own indexes are walked. */
function source(filter: SearchFilter, ids: Ids): RawBuilder<unknown> {
  if (ids !== null)
    return sql`(select value as id from json_each(cast(${JSON.stringify(ids)} as text))) as walked
      join generations on generations.id = walked.id`
  const { attention, metadata, characters, error, attemptState, upstream, createdFrom, createdTo } = filter
  const said = [characters, error, attemptState, upstream, createdFrom, createdTo]
  if (!attention && metadata.length === 0 && said.every((each) => each === null)) return sql`generations`
  const walk = { after: null, oldestFirst: false, limit: Number.MAX_SAFE_INTEGER }
  return sql`(${candidates(filter, walk)}) as walked join generations on generations.id = walked.id`
}
