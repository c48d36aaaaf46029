import type { z } from 'zod'
import type { Api } from '../gateway/api.ts'

interface Page<T> {
  data: T[]
  has_more: boolean
  next_cursor: string | null
}

/** Everything that a list has, page by page. */
export async function* everyOne<T>(api: Api, path: string, page: z.ZodType<Page<T>>): AsyncGenerator<T> {
  for (let cursor: string | null = null, more = true; more;) {
    const query = new URLSearchParams({ limit: '100', ...(cursor !== null && { cursor }) })
    const answer: Page<T> = await api.call('GET', `${path}?${query.toString()}`, page)
    yield* answer.data
    cursor = answer.next_cursor
    more = answer.has_more && cursor !== null
  }
}
