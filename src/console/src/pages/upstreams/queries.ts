import { queryOptions } from '@tanstack/react-query'
import { api, bodyOf } from '../../api/client.ts'
import type { Schemas } from '../../api/client.ts'

export type Upstream = Schemas['Upstream']

/** How often is asked while a window is visible, in milliseconds. Frames of the live stream replace what is cached meanwhile. */
const everyMs = 5_000
const seriesEveryMs = 60_000

export const upstreamsQuery = queryOptions({
  queryKey: ['upstreams'],
  queryFn: ({ signal }) => bodyOf(api.GET('/upstreams', { signal })),
  refetchInterval: everyMs,
})

/** The last 24 hours of one upstream. */
export function dayQuery(id: string) {
  return queryOptions({
    queryKey: ['upstreams', id, 'statistics'],
    queryFn: ({ signal }) =>
      bodyOf(api.GET('/upstreams/{id}/statistics', { params: { path: { id } }, signal })),
    refetchInterval: seriesEveryMs,
    staleTime: seriesEveryMs,
  })
}

/** How many generations have an attempt there, by the state of the attempt. */
export function jobsQuery(id: string) {
  return queryOptions({
    queryKey: ['generations', 'counts', { upstream: id }],
    queryFn: ({ signal }) =>
      bodyOf(api.GET('/generations/counts', { params: { query: { upstream: id } }, signal })),
    refetchInterval: everyMs,
  })
}

/** As many of the newest requests as one page holds. */
export const newestRoutes = 100

export const routesQuery = queryOptions({
  // Not below `generations`: what the live stream has read again at every step would be too much.
  queryKey: ['routes', 'newest'],
  queryFn: ({ signal }) =>
    bodyOf(api.GET('/generations', { params: { query: { limit: newestRoutes } }, signal })),
  // Light lists have no exclusions; this is none.
  select: ({ data }) => data.map(({ route }) => ({ route: 'excluded' in route ? route : null })),
  staleTime: seriesEveryMs,
})

/** The newest generations with an attempt there that failed, or whose outcome is unknown. */
export function troubleQuery(id: string) {
  return queryOptions({
    queryKey: ['trouble', id],
    queryFn: async ({ signal }) => {
      const inState = (state: 'unknown' | 'failed') =>
        bodyOf(
          api.GET('/generations', {
            params: { query: { upstream: id, attempt_state: state, limit: 5, fields: 'summary' } },
            signal,
          }),
        )
      const [unknown, failed] = await Promise.all([inState('unknown'), inState('failed')])
      const open = new Set(unknown.data.map((each) => each.id))
      return [...unknown.data, ...failed.data.filter((each) => !open.has(each.id))]
    },
    refetchInterval: everyMs,
  })
}

export function exchangesQuery(generation: string) {
  return queryOptions({
    queryKey: ['generation', generation, 'exchanges'],
    queryFn: ({ signal }) =>
      bodyOf(api.GET('/generations/{id}/exchanges', { params: { path: { id: generation } }, signal })),
  })
}

/** What cancelling the work that runs there would do. Cancels nothing. */
export function cancellableQuery(id: string) {
  return queryOptions({
    queryKey: ['cancellable', id],
    queryFn: ({ signal }) =>
      bodyOf(
        api.POST('/generations/cancel', {
          body: { filter: runningThere(id), dry_run: true },
          signal,
        }),
      ),
    staleTime: 0,
  })
}

/** An attempt that runs there now; a generation that ran there before and went on elsewhere is none of its jobs. */
export function runningThere(id: string) {
  return { upstream: id, attempt_state: 'running' as const }
}
