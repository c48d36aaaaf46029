import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { api, bodyOf } from '../../api/client.ts'
import type { Schemas } from '../../api/client.ts'
import type { Points } from '../../rules/scores.ts'

export type Comparison = Schemas['Comparison']
export type Cell = Schemas['ComparisonCell']

const refreshMs = 2_000

export function useComparisons() {
  return useInfiniteQuery({
    queryKey: ['comparisons'],
    initialPageParam: '',
    queryFn: ({ signal, pageParam }) =>
      bodyOf(
        api.GET('/comparisons', {
          params: { query: { limit: 20, ...(pageParam !== '' && { cursor: pageParam }) } },
          signal,
        }),
      ),
    getNextPageParam: (last) => last.next_cursor ?? undefined,
    refetchInterval: ({ state }) =>
      state.data?.pages.some(({ data }) => data.some(({ status }) => status === 'in_progress')) === true
        ? refreshMs
        : false,
  })
}

/** Asked for again while videos are under way. */
export function useComparison(id: string) {
  return useQuery({
    queryKey: ['comparison', id],
    queryFn: ({ signal }) => bodyOf(api.GET('/comparisons/{id}', { params: { path: { id } }, signal })),
    refetchInterval: ({ state }) => (state.data?.status === 'in_progress' ? refreshMs : false),
  })
}

export function useScore(id: string) {
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: (scores: ReadonlyArray<Points & { generation_id: string }>) =>
      bodyOf(
        api.POST('/comparisons/{id}/scores', { params: { path: { id } }, body: { scores: [...scores] } }),
      ),
    onSuccess: (comparison) => queryClient.setQueryData(['comparison', id], comparison),
  })
}

export function useDelete(id: string, onGone: () => void) {
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: (isCancelling: boolean) =>
      api.DELETE('/comparisons/{id}', {
        params: { path: { id }, query: { cancel: isCancelling ? 'true' : 'false' } },
      }),
    onSuccess: () => {
      queryClient.removeQueries({ queryKey: ['comparison', id] })
      void queryClient.invalidateQueries({ queryKey: ['comparisons'] })
      onGone()
    },
  })
}

export function useEndLinks(id: string) {
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: () => api.DELETE('/comparisons/{id}/link', { params: { path: { id } } }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['comparison', id] }),
  })
}
