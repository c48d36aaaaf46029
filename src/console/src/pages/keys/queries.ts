import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { api, bodyOf } from '../../api/client.ts'
import type { Schemas } from '../../api/client.ts'

export type Key = Schemas['Key']
export type MadeKey = Schemas['MadeKey']
export type Tenant = Schemas['Tenant']

/** Newest first, a hundred at a time. */
export const keyPagesQuery = infiniteQueryOptions({
  queryKey: ['keys', 'pages'],
  queryFn: ({ pageParam, signal }) =>
    bodyOf(
      api.GET('/keys', {
        params: { query: { limit: 100, ...(pageParam !== null && { cursor: pageParam }) } },
        signal,
      }),
    ),
  initialPageParam: firstPage(),
  getNextPageParam: ({ next_cursor: next }) => next,
})

function firstPage(): string | null {
  return null
}

export const tenantsQuery = queryOptions({
  queryKey: ['tenants'],
  queryFn: ({ signal }) => bodyOf(api.GET('/tenants', { params: { query: { limit: 100 } }, signal })),
})
