import { queryOptions } from '@tanstack/react-query'
import { api, bodyOf } from '../../api/client.ts'
import { ApiProblem } from '../../api/problem.ts'
import { readinessOf } from '../../rules/readiness.ts'

/** In milliseconds, while the window is visible. */
const everyMs = 5_000
const slowlyMs = 60_000

export const countsQuery = queryOptions({
  queryKey: ['generations', 'counts'],
  queryFn: ({ signal }) => bodyOf(api.GET('/generations/counts', { signal })),
  refetchInterval: everyMs,
})

export const newestQuery = queryOptions({
  queryKey: ['generations', 'newest'],
  queryFn: ({ signal }) =>
    bodyOf(api.GET('/generations', { params: { query: { limit: 10, fields: 'summary' } }, signal })),
  refetchInterval: everyMs,
})

/** The start of the day in UTC, as budgets and caps count it. */
function dayStart(now: number): string {
  return `${new Date(now).toISOString().slice(0, 10)}T00:00:00Z`
}

export const todayQuery = queryOptions({
  queryKey: ['usage', 'today'],
  queryFn: ({ signal }) =>
    bodyOf(api.GET('/usage', { params: { query: { from: dayStart(Date.now()), format: 'json' } }, signal })),
  refetchInterval: slowlyMs,
  select: (body) => (typeof body === 'string' ? null : body.totals.unused_cost_usd),
})

export const hoursMs = 24 * 3600_000

/** The own work of a key by the hour, for keys that do not see the statistics of upstreams. */
export const ownDayQuery = queryOptions({
  queryKey: ['usage', 'hours'],
  queryFn: ({ signal }) => {
    const from = new Date(Math.floor((Date.now() - hoursMs) / 3600_000 + 1) * 3600_000).toISOString()
    const query = { from, group_by: 'hour', fill: 'true', format: 'json' } as const
    return bodyOf(api.GET('/usage', { params: { query }, signal }))
  },
  refetchInterval: slowlyMs,
  select: (body) => (typeof body === 'string' ? [] : body.data),
})

export const dayQuery = queryOptions({
  queryKey: ['statistics'],
  queryFn: ({ signal }) => bodyOf(api.GET('/statistics', { signal })),
  refetchInterval: slowlyMs,
  staleTime: slowlyMs,
})

export const failingQuery = queryOptions({
  queryKey: ['deliveries', 'failing'],
  queryFn: ({ signal }) =>
    bodyOf(api.GET('/deliveries', { params: { query: { state: 'failing', limit: 100 } }, signal })),
  refetchInterval: slowlyMs,
})

export const tenantsQuery = queryOptions({
  queryKey: ['tenants'],
  queryFn: ({ signal }) => bodyOf(api.GET('/tenants', { params: { query: { limit: 100 } }, signal })),
  refetchInterval: slowlyMs,
})

export const keysQuery = queryOptions({
  queryKey: ['keys', 'budgets'],
  queryFn: ({ signal }) => bodyOf(api.GET('/keys', { params: { query: { limit: 100 } }, signal })),
  refetchInterval: slowlyMs,
})

export const ownKeyQuery = queryOptions({
  queryKey: ['keys', 'me'],
  queryFn: ({ signal }) => bodyOf(api.GET('/keys/me', { signal })),
  refetchInterval: slowlyMs,
})

export const characterQuery = queryOptions({
  queryKey: ['characters', 'first'],
  queryFn: ({ signal }) => bodyOf(api.GET('/characters', { params: { query: { limit: 1 } }, signal })),
})

/** A gateway that is not ready answers 503 with its checks, which is no failed call here. */
export const readinessQuery = queryOptions({
  queryKey: ['health'],
  queryFn: async ({ signal }) => {
    const response = await fetch('/health/ready', { signal }).catch(() => null)
    const body: unknown = await response?.json().catch(() => null)
    const readiness = readinessOf(body)
    if (readiness === null)
      throw new ApiProblem(
        'The gateway does not answer. Check the network; the console tries again by itself.',
        {},
      )
    return readiness
  },
  refetchInterval: everyMs,
})
