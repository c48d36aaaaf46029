import { sql, type RawBuilder } from 'kysely'
import { z } from 'zod'
import type { SearchFilter } from '../../ports/generations/generation-search.ts'
import { allOf } from './conditions.ts'

/** Classes of `generation_counts`. */
export const classRows = z.array(
  z.object({
    status: z.string(),
    states: z.string().transform((text) => text.split(',')),
    generations: z.number(),
  }),
)

export type WordCount = { word: string | null; count: number }

/** Whether a filter says nothing but what the generations of a class have in common. */
export function isOfClasses(filter: SearchFilter): boolean {
  const { upstream, model, characters, error, createdFrom, createdTo, metadata, words, attention } = filter
  const more = [upstream, model, characters, error, createdFrom, createdTo]
  return !attention && metadata.length === 0 && words.length === 0 && more.every((each) => each === null)
}

/** A few for each key, however many generations have ended. */
export function endedClasses({ tenant, key, status }: SearchFilter): RawBuilder<unknown> {
  const said: Array<RawBuilder<boolean>> = []
  if (tenant !== null) said.push(sql`tenant = ${tenant}`)
  if (key !== null) said.push(sql`key = ${key}`)
  if (status !== null) said.push(sql`status = ${status}`)
  return sql`select status, attempt_states as states, cast(sum(generations) as bigint) as generations
    from generation_counts where ${allOf(said)} group by status, attempt_states`
}

/** Of the generations of these classes that a filter means: how many there are by status, and by a state of their attempts that it means. */
export function wordsOf(
  classes: z.output<typeof classRows>,
  { attemptState }: SearchFilter,
): { statuses: WordCount[]; states: WordCount[] } {
  const met = classes.filter(({ states }) => attemptState === null || states.includes(attemptState))
  return {
    statuses: met.map(({ status, generations }) => ({ word: status, count: generations })),
    states: met.flatMap(({ states, generations }) =>
      (attemptState === null ? states : [attemptState]).map((word) => ({ word, count: generations })),
    ),
  }
}
