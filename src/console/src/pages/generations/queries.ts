import { queryOptions, replaceEqualDeep } from '@tanstack/react-query'
import type { QueryClient } from '@tanstack/react-query'
import { api, bodyOf } from '../../api/client.ts'
import type { Schemas } from '../../api/client.ts'
import type { LiveMode } from '../../live/live-state.ts'
import { withNewestPage, withOlderPage } from '../../rules/list-rows.ts'
import { filterOf, tabFilterOf } from './search.ts'
import type { GenerationsSearch } from './search.ts'

export type Row = Schemas['GenerationSummary']

/** What was read so far, the newest first. */
interface Listed {
  data: readonly Row[]
  has_more: boolean
  next_cursor: string | null
}

const pageRows = 50
/** While the stream is away. */
const pollMs = 5000
/** Beside the stream, which tells of every step. */
const countsMs = 60_000

/** Whether it should come, and does not. Whoever has switched it off is left alone. */
function isAway(live: LiveMode): boolean {
  return live === 'connecting' || live === 'paused'
}

async function readPage(
  search: GenerationsSearch,
  more: { cursor?: string; limit?: number; signal?: AbortSignal },
) {
  const { signal, cursor, limit = pageRows } = more
  const query = {
    ...filterOf(search, Date.now()),
    ...tabFilterOf(search.tab ?? 'all'),
    ...(cursor !== undefined && { cursor }),
    fields: 'summary' as const,
    limit,
  }
  return bodyOf(api.GET('/generations', { params: { query }, ...(signal && { signal }) }))
}

function listKey(search: GenerationsSearch) {
  return ['generations', 'list', search] as const
}

/** The newest page is read again; older rows that were read stay. Frames of the live stream replace rows meanwhile. */
export function listQuery(search: GenerationsSearch, live: LiveMode) {
  const queryKey = listKey(search)
  return queryOptions<Listed>({
    queryKey,
    queryFn: async ({ signal, client }) => {
      const page = await readPage(search, { signal })
      const before = client.getQueryData<Listed>(queryKey)
      // A row that is as it was stays the same object, so that it is not drawn again.
      const known = new Map(before?.data.map((row) => [row.id, row]))
      page.data = page.data.map((row) => replaceEqualDeep(known.get(row.id), row))
      const rows = withNewestPage<Row>(before?.data ?? [], page)
      const { has_more, next_cursor } = rows.length > page.data.length && before ? before : page
      return { data: rows, has_more, next_cursor }
    },
    // Only the page that was read is compared, above: to compare a thousand of them each time would take longer than to draw some.
    structuralSharing: false,
    staleTime: 5000,
    gcTime: 15 * 60_000,
    refetchInterval: isAway(live) ? pollMs : false,
  })
}

/** Adds one more page of older rows to what is shown. */
export async function readOlder(client: QueryClient, search: GenerationsSearch): Promise<void> {
  const queryKey = listKey(search)
  const cursor = client.getQueryData<Listed>(queryKey)?.next_cursor ?? null
  if (cursor === null) return
  const page = await readPage(search, { cursor })
  client.setQueryData<Listed>(queryKey, (now) => {
    if (now === undefined) return now
    return {
      data: withOlderPage<Row>(now.data, page.data),
      has_more: page.has_more,
      next_cursor: page.next_cursor,
    }
  })
}

/** As many rows as an export holds. */
export const mostExported = 5000

/** All rows of the filter, up to `mostExported`. */
export async function readAll(search: GenerationsSearch): Promise<Row[]> {
  const rows: Row[] = []
  let cursor: string | undefined
  do {
    const page = await readPage(search, { limit: 100, ...(cursor !== undefined && { cursor }) })
    rows.push(...page.data)
    cursor = page.next_cursor ?? undefined
  } while (cursor !== undefined && rows.length < mostExported)
  return rows
}

/** How many each tab has, by the same filter. */
export function countsQuery({ tab: _tab, ...search }: GenerationsSearch, live: LiveMode) {
  return queryOptions({
    queryKey: ['generations', 'counts', search],
    queryFn: ({ signal }) =>
      bodyOf(api.GET('/generations/counts', { params: { query: filterOf(search, Date.now()) }, signal })),
    staleTime: 5000,
    refetchInterval: isAway(live) ? pollMs : live === 'live' && countsMs,
  })
}
