import { sql, type RawBuilder } from 'kysely'
import { encodeTime } from 'ulid'
import { openStatuses } from '../../domain/generation/history.ts'
import type { SearchFilter } from '../../ports/generations/generation-search.ts'

/** Where a walk over generations starts, which way it goes, and after how many it pauses. */
export interface Walk {
  after: string | null
  oldestFirst: boolean
  limit: number
}

/** Ids carry the time of their creation; the clock may have been set back between the two readings. */
export const slackMs = 60_000

/**
 * A query of the ids of generations that may match, in order, walked along the index that leaves out the most. The other
 * conditions are checked for each of them. In order of preference:
 * `attention` generations_attention; an open `status` like any other below, because history grows and what is open does not;
 * `metadata` generation_labels_pkey; one character generation_characters_pkey; `error` generations_by_error and
 * attempts_by_failure; `attemptState` attempts_by_state; `upstream` attempts_by_upstream; `status` generations_by_status with a
 * tenant, else generations_by_state; `key` generations_by_key; `tenant` generations_by_tenant; dates and nothing: the primary
 * key. Dates narrow all of them. `model` and `words` are looked up in each document.
 */
export function candidates(filter: SearchFilter, walk: Walk): RawBuilder<{ id: string }> {
  const { attention, status, metadata, characters, error, attemptState, upstream } = filter
  const span = (id: RawBuilder<unknown>): RawBuilder<unknown> => spanOf(filter, walk, id)
  if (attention)
    return sql`select id from generations
      where attention_at is not null and attention_at <= ${filter.now} ${span(sql`id`)}`
  if (openStatuses.some((open) => open === status)) return ofGenerations(filter, span)
  const [label] = metadata
  if (label !== undefined)
    return sql`select generation_id as id from generation_labels
      where name = ${label[0]} and value = ${label[1]} ${span(sql`generation_id`)}`
  if (characters?.length === 1)
    return sql`select generation_id as id from generation_characters
      where character_id = ${characters[0]} ${span(sql`generation_id`)}`
  if (error !== null)
    return sql`select id from (select id from generations where error = ${error} ${span(sql`id`)}) as ended
      union select id from (${ofAttempts(sql`failure_code = ${error}`, span)}) as attempted
      order by id ${direction(walk)} limit ${walk.limit}`
  if (attemptState !== null) return ofAttempts(sql`state = ${attemptState}`, span)
  if (upstream !== null) return ofAttempts(sql`upstream = ${upstream}`, span)
  return ofGenerations(filter, span)
}

type Span = (id: RawBuilder<unknown>) => RawBuilder<unknown>

function ofAttempts(condition: RawBuilder<unknown>, span: Span): RawBuilder<{ id: string }> {
  return sql`select distinct generation_id as id from attempts
    where ${condition} and generation_id is not null ${span(sql`generation_id`)}`
}

function ofGenerations({ status, tenant, key }: SearchFilter, span: Span): RawBuilder<{ id: string }> {
  const conditions = [sql`1 = 1`]
  if (status !== null) conditions.push(sql`status = ${status}`)
  if (tenant !== null) conditions.push(sql`tenant = ${tenant}`)
  else if (status === null && key !== null) conditions.push(sql`key = ${key}`)
  return sql`select id from generations where ${sql.join(conditions, sql` and `)} ${span(sql`id`)}`
}

function spanOf(
  { createdFrom, createdTo }: SearchFilter,
  walk: Walk,
  id: RawBuilder<unknown>,
): RawBuilder<unknown> {
  const { after, oldestFirst, limit } = walk
  const bounds = []
  if (after !== null) bounds.push(oldestFirst ? sql`and ${id} > ${after}` : sql`and ${id} < ${after}`)
  if (createdFrom !== null) bounds.push(sql`and ${id} >= ${firstId(createdFrom - slackMs)}`)
  if (createdTo !== null) bounds.push(sql`and ${id} < ${firstId(createdTo + slackMs)}`)
  return sql`${sql.join(bounds, sql` `)} order by ${id} ${direction(walk)} limit ${limit}`
}

function direction({ oldestFirst }: Walk): RawBuilder<unknown> {
  return oldestFirst ? sql`asc` : sql`desc`
}

/** The smallest id of this instant; ids of the time before 1970 and after 10889 do not exist. */
export function firstId(instant: number): string {
  return `gen_${encodeTime(Math.min(Math.max(0, instant), 2 ** 48 - 1)).toLowerCase()}`
}
