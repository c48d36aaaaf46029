import { useQuery } from '@tanstack/react-query'
import { api, bodyOf } from '../../../api/client.ts'
import { useLive } from '../../../live/live-state.ts'
import { hasEnded } from '../../../rules/row-state.ts'

const askAgainMs = 2_000
/** The stream says what changes, except for a change that comes between the first answer and its first frame. */
const askAgainLiveMs = 10_000

/** A generation as it is now, until it has ended. */
export function useClip(id: string) {
  const pauseMs = useLive() === 'live' ? askAgainLiveMs : askAgainMs
  return useQuery({
    queryKey: ['generation', id],
    queryFn: ({ signal }) => bodyOf(api.GET('/generations/{id}', { params: { path: { id } }, signal })),
    refetchInterval: ({ state: { data } }) => (data !== undefined && hasEnded(data) ? false : pauseMs),
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
