import { useQuery } from '@tanstack/react-query'
import { api, bodyOf } from '../../../api/client.ts'
import { hasEnded } from '../../../rules/row-state.ts'

const askAgainMs = 2_000

/** A generation as it is now, until it has ended. */
export function useClip(id: string) {
  return useQuery({
    queryKey: ['generation', id],
    queryFn: ({ signal }) => bodyOf(api.GET('/generations/{id}', { params: { path: { id } }, signal })),
    refetchInterval: ({ state: { data } }) => (data !== undefined && hasEnded(data) ? false : askAgainMs),
  })
}

/** A series with its scenes as it is now, until it has ended. */
export function useSeries(id: string) {
  return useQuery({
    queryKey: ['series', id],
    queryFn: ({ signal }) => bodyOf(api.GET('/series/{id}', { params: { path: { id } }, signal })),
    refetchInterval: ({ state: { data } }) =>
      data !== undefined && data.completed_at !== null ? false : askAgainMs,
  })
}
