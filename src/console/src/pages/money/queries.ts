import { queryOptions } from '@tanstack/react-query'
import { api, bodyOf } from '../../api/client.ts'
import type { Schemas } from '../../api/client.ts'
import { ApiProblem } from '../../api/problem.ts'
import type { usageQuery } from '../../rules/usage-rows.ts'

export type Usage = Schemas['Usage']
export type UsageRow = Schemas['UsageRow']
export type Estimate = Schemas['Estimate']
export type EstimateRequest = Schemas['EstimateRequest']

/** A report; the same path also answers CSV, which is not asked for. */
export function reportQuery(query: ReturnType<typeof usageQuery>) {
  return queryOptions({
    queryKey: ['usage', query],
    async queryFn({ signal }): Promise<Usage> {
      const report = await bodyOf(
        api.GET('/usage', { params: { query }, headers: { accept: 'application/json' }, signal }),
      )
      if (typeof report === 'string')
        throw new ApiProblem('The gateway sent no JSON.', { code: 'unreadable' })
      return report
    },
  })
}

export const tenantsQuery = queryOptions({
  queryKey: ['tenants'],
  queryFn: ({ signal }) => bodyOf(api.GET('/tenants', { params: { query: { limit: 100 } }, signal })),
})

export const keysQuery = queryOptions({
  queryKey: ['keys'],
  queryFn: ({ signal }) => bodyOf(api.GET('/keys', { params: { query: { limit: 100 } }, signal })),
})

export const ownKeyQuery = queryOptions({
  queryKey: ['keys', 'me'],
  queryFn: ({ signal }) => bodyOf(api.GET('/keys/me', { signal })),
})

export const capsQuery = queryOptions({
  queryKey: ['upstreams'],
  queryFn: ({ signal }) => bodyOf(api.GET('/upstreams', { signal })),
})

export const offeredQuery = queryOptions({
  queryKey: ['models'],
  queryFn: ({ signal }) => bodyOf(api.GET('/models', { params: { query: { limit: 100 } }, signal })),
  staleTime: 60_000,
})

/** Estimates change nothing: asked again when what is asked changes. */
export function estimateQuery(body: EstimateRequest | null) {
  return queryOptions({
    queryKey: ['estimates', body],
    queryFn: ({ signal }) => bodyOf(api.POST('/estimates', { body: body ?? { characters: 0 }, signal })),
    enabled: body !== null,
    staleTime: 30_000,
  })
}
