import { sql, type RawBuilder } from 'kysely'
import { z } from 'zod'
import { attemptStates } from '../../domain/generation/generation.ts'
import { generationStatuses, openStatuses } from '../../domain/generation/history.ts'
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
import { seekingBy } from '../ledger/seeking-by.ts'
import { allOf, conditions, meant } from './conditions.ts'
import { classRows, endedClasses, isOfClasses, wordsOf, type WordCount } from './counted-classes.ts'
import { mostWalked, walkGenerations } from './walk-generations.ts'

const countedRows = z.array(z.object({ word: z.string().nullable(), count: z.number() }))
const uncertainRows = z.array(
  z.object({ state: z.string(), attempts: z.number(), reservedMicros: z.number(), oldest: z.string() }),
)
/** In one snapshot, off the event loop. Words are searched for first, among as many generations as a list looks at. */
export async function countGenerations(
  database: Pick<Database, 'read' | 'report'>,
  filter: SearchFilter,
): Promise<GenerationCounts> {
  if (isOfClasses(filter)) return sumClasses(database, filter)
  const { read, report } = database
  const first = { before: null, oldestFirst: false, limit: mostWalked }
  const found = filter.words.length === 0 ? null : await walkGenerations(read, filter, first)
  const ids = found && found.ids
  const queries = [
    byStatus(filter, ids),
    byAttemptState(filter, ids),
    needingAttention(filter, ids),
    uncertain(met(filter, ids, [...meantAttempts(filter), isLost])),
  ]
  const rows = await report(queries.map((query) => query.compile(read)))
  const [statuses, states, attention, open] = walked.parse(rows)
  return counted({ statuses, states, attention, open, isComplete: found === null || found.next === null })
}

/** What has ended is a sum that is kept; of the generations themselves, only what is open, late or lost is read. */
async function sumClasses(
  { read, report }: Pick<Database, 'read' | 'report'>,
  filter: SearchFilter,
): Promise<GenerationCounts> {
  const queries = [
    endedClasses(filter),
    openByStatus(read, filter),
    openByAttemptState(read, filter),
    lateOrLost(read, filter),
    uncertain(lostAttempts(read, filter)),
  ]
  const rows = await report(queries.map((query) => query.compile(read)))
  const [classes, statuses, states, attention, open] = summed.parse(rows)
  const ended = wordsOf(classes, filter)
  return counted({
    statuses: [...ended.statuses, ...statuses],
    states: [...ended.states, ...states],
    attention,
    open,
    isComplete: true,
  })
}

const walked = z.tuple([countedRows, countedRows, countedRows, uncertainRows])
const summed = z.tuple([classRows, countedRows, countedRows, countedRows, uncertainRows])

interface Found {
  statuses: WordCount[]
  states: WordCount[]
  attention: WordCount[]
  open: z.output<typeof uncertainRows>
  isComplete: boolean
}

function counted({ statuses, states, attention, open, isComplete }: Found): GenerationCounts {
  return {
    total: statuses.reduce((sum, { count }) => sum + count, 0),
    byStatus: countsOf(generationStatuses, statuses),
    byAttemptState: countsOf(attemptStates, states),
    attention: attention[0]?.count ?? 0,
    uncertain: new Map(
      lostStates.map((word) => [word, uncertainOf(open.find(({ state }) => state === word))]),
    ),
    isComplete,
  }
}

function countsOf<Word extends string>(
  words: readonly Word[],
  rows: readonly WordCount[],
): Map<Word, number> {
  const counts = new Map(words.map((word) => [word, 0]))
  for (const word of words)
    for (const row of rows) if (row.word === word) counts.set(word, (counts.get(word) ?? 0) + row.count)
  return counts
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
  return sql`select attempts.state as word, count(distinct generations.id) as count
    from ${met(filter, ids, meantAttempts(filter))} group by attempts.state`
}

const isLost = sql<boolean>`attempts.state in (${sql.join(lostStates.map((state) => sql.lit(state)))})`

/** Of lost attempts with their generations. */
function uncertain(lost: RawBuilder<unknown>): RawBuilder<unknown> {
  const reserved = sql`case when attempts.cost_state = 'reserved' then attempts.reserved_micros else 0 end`
  const alike = sql`partition by attempts.state`
  return sql`select state, attempts, oldest, "reservedMicros" from (
    select attempts.state as state, generations.id as oldest, count(*) over (${alike}) as attempts,
      cast(sum(${reserved}) over (${alike}) as bigint) as "reservedMicros",
      row_number() over (${alike} order by attempts.started_at, generations.id) as place
    from ${lost}) as ranked where place = 1`
}

function openByStatus(read: Database['read'], filter: SearchFilter): RawBuilder<unknown> {
  return sql`select generations.status as word, count(*) as count
    from ${openGenerations(read, filter)} where ${allOf(conditions(filter))} group by generations.status`
}

function openByAttemptState(read: Database['read'], filter: SearchFilter): RawBuilder<unknown> {
  const said = [
    sql<boolean>`attempts.generation_id = generations.id`,
    ...meant(filter),
    ...conditions(filter),
  ]
  return sql`select attempts.state as word, count(distinct generations.id) as count
    from ${openGenerations(read, filter)} cross join attempts where ${allOf(said)} group by attempts.state`
}

/** Without statistics, SQLite would rather read all of a key, or of the ended status that is asked for. */
function openGenerations(read: Database['read'], { tenant, status }: SearchFilter): RawBuilder<unknown> {
  const open = openStatuses.filter((each) => status === null || status === each)
  if (open.length === 0) return sql`(select * from generations where 1 = 0) as generations`
  const said = [sql<boolean>`status in (${sql.join(open.map((each) => sql.lit(each)))})`]
  if (tenant !== null) said.push(sql`tenant = ${tenant}`)
  const index = tenant === null ? 'generations_by_state' : 'generations_by_status'
  return sql`(select * from ${seekingBy(read, 'generations', index)} where ${allOf(said)}) as generations`
}

/** Found by their state: without statistics, SQLite would rather read all generations of the tenant. */
function lostAttempts(read: Database['read'], filter: SearchFilter): RawBuilder<unknown> {
  return sql`${seekingBy(read, 'attempts', 'attempts_by_state')} cross join generations
    where generations.id = attempts.generation_id and ${allOf([isLost, ...meant(filter), ...conditions(filter)])}`
}

/** Its index has what is open and what was lost. */
function lateOrLost(read: Database['read'], filter: SearchFilter): RawBuilder<unknown> {
  const said = [
    sql<boolean>`generations.attention_at is not null`,
    ...conditions({ ...filter, attention: true }),
  ]
  return sql`select null as word, count(*) as count
    from ${seekingBy(read, 'generations', 'generations_attention')} where ${allOf(said)}`
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
