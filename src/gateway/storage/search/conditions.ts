import { sql, type RawBuilder } from 'kysely'
import type { SearchFilter } from '../../ports/generations/generation-search.ts'

/** What a filter says of a row of `generations`, without the words of the prompt. */
export function conditions(filter: SearchFilter): Array<RawBuilder<boolean>> {
  const { tenant, key, status, model, characters, createdFrom, createdTo, metadata, attention } = filter
  const all: Array<RawBuilder<boolean>> = []
  if (tenant !== null) all.push(sql`generations.tenant = ${tenant}`)
  if (key !== null) all.push(sql`generations.key = ${key}`)
  if (status !== null) all.push(sql`generations.status = ${status}`)
  if (createdFrom !== null) all.push(sql`generations.created_at >= ${createdFrom}`)
  if (createdTo !== null) all.push(sql`generations.created_at < ${createdTo}`)
  if (attention) all.push(sql`generations.attention_at <= ${filter.now}`)
  all.push(...attemptConditions(filter))
  for (const [name, value] of metadata)
    all.push(sql`exists (select 1 from generation_labels where generation_labels.generation_id = generations.id
      and generation_labels.name = ${name} and generation_labels.value = ${value})`)
  if (characters !== null)
    all.push(
      characters.length === 0
        ? sql`1 = 0`
        : sql`exists (select 1 from generation_characters where generation_characters.generation_id = generations.id
            and generation_characters.character_id in (${sql.join(characters)}))`,
    )
  if (model !== null) all.push(sql`json_extract(generations.doc, '$.request.model') = ${model}`)
  return all
}

function attemptConditions(filter: SearchFilter): Array<RawBuilder<boolean>> {
  const { attemptState, upstream, error } = filter
  const all: Array<RawBuilder<boolean>> = []
  if (attemptState !== null || upstream !== null) all.push(hasAttempt(meant(filter)))
  if (error !== null)
    all.push(
      sql`(generations.error = ${error} or ${hasAttempt([...meant(filter), sql`attempts.failure_code = ${error}`])})`,
    )
  return all
}

/** What the filter says of an attempt of its own. */
export function meant({ attemptState, upstream }: SearchFilter): Array<RawBuilder<boolean>> {
  return [
    ...(attemptState === null ? [] : [sql<boolean>`attempts.state = ${attemptState}`]),
    ...(upstream === null ? [] : [sql<boolean>`attempts.upstream = ${upstream}`]),
  ]
}

function hasAttempt(said: Array<RawBuilder<boolean>>): RawBuilder<boolean> {
  const all = [sql`attempts.generation_id = generations.id`, ...said]
  return sql`exists (select 1 from attempts where ${sql.join(all, sql` and `)})`
}

export function allOf(said: Array<RawBuilder<boolean>>): RawBuilder<boolean> {
  return said.length === 0 ? sql`1 = 1` : sql`${sql.join(said, sql` and `)}`
}
