import { z } from 'zod'

export const limit = z.coerce
  .number()
  .int()
  .min(1)
  .max(100)
  .default(20)
  .meta({ description: 'The number of items per page.' })

/** A page of a list, newest first. `next_cursor` is what `cursor` of the next call takes. */
export function pageOf<T extends z.ZodType>(id: string, item: T) {
  return z
    .object({
      data: z.array(item).meta({ description: 'Newest first.' }),
      has_more: z.boolean(),
      next_cursor: z
        .string()
        .nullable()
        .meta({ description: 'Send it as `cursor` to get the next page. Null on the last one.' }),
    })
    .meta({ id, description: 'One page of a list.' })
}

export interface Page<T> {
  data: T[]
  has_more: boolean
  next_cursor: string | null
}

export function toPage<T extends { id: string }>(data: T[], hasMore: boolean): Page<T> {
  return { data, has_more: hasMore, next_cursor: hasMore ? (data.at(-1)?.id ?? null) : null }
}

/** Of a search, whose pages may be short: `next` is not always the id of the last item. */
export function toSearchPage<T>(data: T[], next: string | null): Page<T> {
  return { data, has_more: next !== null, next_cursor: next }
}
