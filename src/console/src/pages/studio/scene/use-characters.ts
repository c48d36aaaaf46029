import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { api, bodyOf } from '../../../api/client.ts'
import type { Schemas } from '../../../api/client.ts'

export type Character = Schemas['Character']

const mostAtOnce = 100

export interface Characters {
  data: readonly Character[]
  isLoaded: boolean
  /** Whether there are more than these. */
  hasMore: boolean
}

/** The newest characters; where there are more, also those that the gateway finds by `typed`. */
export function useCharacters(typed: string | null): Characters {
  const newest = useQuery({
    queryKey: ['characters', { limit: mostAtOnce }],
    queryFn: ({ signal }) =>
      bodyOf(api.GET('/characters', { params: { query: { limit: mostAtOnce } }, signal })),
    staleTime: 30_000,
  })
  const hasMore = newest.data?.has_more ?? false
  const found = useQuery({
    queryKey: ['characters', { search: typed, limit: 20 }],
    enabled: hasMore && typed !== null && typed !== '',
    queryFn: ({ signal }) =>
      bodyOf(api.GET('/characters', { params: { query: { search: typed ?? '', limit: 20 } }, signal })),
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  })
  const known = newest.data?.data ?? []
  const ids = new Set(known.map(({ id }) => id))
  const others = (found.data?.data ?? []).filter(({ id }) => !ids.has(id))
  return { data: [...known, ...others], isLoaded: newest.data !== undefined, hasMore }
}
