import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { api, bodyOf } from '../../api/client.ts'
import type { Schemas } from '../../api/client.ts'

export type Session = Schemas['Session']
export type WebhookSecret = Schemas['WebhookSecret']

export type Configuration = Schemas['Configuration']
export type Node = Schemas['Node']

/** Newest first, a hundred at a time. */
export const sessionPagesQuery = infiniteQueryOptions({
  queryKey: ['sessions'],
  queryFn: ({ pageParam, signal }) =>
    bodyOf(
      api.GET('/console/sessions', {
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

export const webhookSecretsQuery = queryOptions({
  queryKey: ['webhook_secrets'],
  queryFn: ({ signal }) => bodyOf(api.GET('/webhook-secrets', { signal })),
})

/** Nodes report every five seconds. */
export const nodesQuery = queryOptions({
  queryKey: ['nodes'],
  queryFn: ({ signal }) => bodyOf(api.GET('/nodes', { signal })),
  refetchInterval: 15_000,
})

export const configurationQuery = queryOptions({
  queryKey: ['configuration'],
  queryFn: ({ signal }) => bodyOf(api.GET('/configuration', { signal })),
})
