import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { api, bodyOf } from '../../api/client.ts'
import type { Schemas } from '../../api/client.ts'
import { spendByCharacter } from '../../rules/character-spend.ts'

export type Character = Schemas['Character']
export type Binding = Schemas['Binding']
export type CharacterUsage = Schemas['CharacterUsage']

const perPage = 48
const newestVideos = 12
/** While an upstream makes a binding, in milliseconds. */
const pendingEveryMs = 2_000
/** Before this gateway could exist. */
const everFrom = '2020-01-01T00:00:00Z'

export function charactersQuery(search: string | undefined) {
  return infiniteQueryOptions({
    queryKey: ['characters', { search }],
    queryFn: ({ pageParam, signal }) =>
      bodyOf(
        api.GET('/characters', {
          params: {
            query: { limit: perPage, ...(search && { search }), ...(pageParam && { cursor: pageParam }) },
          },
          signal,
        }),
      ),
    initialPageParam: '',
    getNextPageParam: ({ next_cursor: next }) => next,
  })
}

/** What each character cost since there are characters. */
export const spendQuery = queryOptions({
  queryKey: ['usage', 'characters'],
  queryFn: async ({ signal }) => {
    const report = await bodyOf(
      api.GET('/usage', {
        params: { query: { group_by: 'character', from: everFrom, format: 'json' } },
        signal,
      }),
    )
    return typeof report === 'string' ? spendByCharacter([]) : spendByCharacter(report.data)
  },
  staleTime: 30_000,
})

export function characterQuery(id: string) {
  return queryOptions({
    queryKey: ['character', id],
    queryFn: ({ signal }) => bodyOf(api.GET('/characters/{id}', { params: { path: { id } }, signal })),
    refetchInterval: ({ state }) =>
      state.data?.bindings.some((binding) => binding.state === 'pending') === true ? pendingEveryMs : false,
  })
}

export function usageQuery(id: string) {
  return queryOptions({
    queryKey: ['character', id, 'usage'],
    queryFn: ({ signal }) => bodyOf(api.GET('/characters/{id}/usage', { params: { path: { id } }, signal })),
  })
}

/** The newest generations of a character, or the newest videos of anything. */
export function newestQuery(query: { character: string } | { status: 'completed' }) {
  return queryOptions({
    queryKey: ['generations', 'newest', query],
    queryFn: ({ signal }) =>
      bodyOf(
        api.GET('/generations', {
          params: { query: { ...query, limit: newestVideos, fields: 'summary' } },
          signal,
        }),
      ),
  })
}

/** The character of exactly this name, if there is one. Asked by search, since an absent one would be an error. */
export function nameQuery(name: string) {
  return queryOptions({
    queryKey: ['characters', 'named', name],
    queryFn: async ({ signal }) => {
      const { data } = await bodyOf(
        api.GET('/characters', { params: { query: { search: name, limit: 100 } }, signal }),
      )
      return data.find((character) => character.name === name)?.id ?? null
    },
    enabled: name !== '',
  })
}
