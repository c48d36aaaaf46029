import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { api, bodyOf } from '../../api/client.ts'
import type { Schemas } from '../../api/client.ts'
import { ApiProblem } from '../../api/problem.ts'
import type { ListedEvent } from '../../rules/fold-events.ts'
import { useLive } from '../../live/live-state.ts'
import { hasEnded } from '../../rules/row-state.ts'

export type Generation = Schemas['Generation']
export type Attempt = Schemas['Attempt']

/** While it runs: without the live stream, and with it, which does not tell everything. */
const runningMs = 2_000
const besideStreamMs = 5_000
/** While a late video or a late bill may come. */
const lateMs = 30_000

export function generationKey(id: string): readonly [string, string] {
  return ['generation', id]
}

/** An attempt that has no end may still bring a video, a bill, or both. */
export function awaitsLate(generation: Generation): boolean {
  return (
    generation.reserved_cost_usd > 0 || generation.attempts.some(({ ended_at: endedAt }) => endedAt === null)
  )
}

function isWorthAsking(error: Error | null): boolean {
  return error instanceof ApiProblem && (error.status === 0 || error.status === 429 || error.status >= 500)
}

export function useGeneration(id: string) {
  const isLive = useLive() === 'live'
  return useQuery({
    queryKey: generationKey(id),
    queryFn: ({ signal }) => bodyOf(api.GET('/generations/{id}', { params: { path: { id } }, signal })),
    refetchInterval: ({ state: { data, error } }) => {
      // A gateway that does not answer is asked again; one that says no is not.
      if (data === undefined) return isWorthAsking(error) ? besideStreamMs : false
      if (!hasEnded(data)) return isLive ? besideStreamMs : runningMs
      return awaitsLate(data) ? lateMs : false
    },
  })
}

/** Pages of 1,000; what is beyond is not read. */
const mostPages = 5

export interface EventHistory {
  events: ListedEvent[]
  hasMore: boolean
}

async function readEvents(id: string, signal: AbortSignal): Promise<EventHistory> {
  const events: ListedEvent[] = []
  let after = 0
  for (let page = 0; page < mostPages; page++) {
    const query = { format: 'json' as const, after }
    const list = await bodyOf(
      api.GET('/generations/{id}/events', { params: { path: { id }, query }, signal }),
    )
    if (!('next_after' in list)) break
    events.push(...list.data)
    after = list.next_after
    if (!list.has_more) return { events, hasMore: false }
  }
  return { events, hasMore: true }
}

/** What has changed when the events are other ones. */
function versionOf({ status, progress, attempts, video, warnings }: Generation): string {
  const each = attempts.map(
    ({ state, cost_state: cost, resolution }) => `${state} ${cost} ${resolution?.at ?? ''}`,
  )
  return [status, progress, video?.sha256 ?? '', warnings.length, ...each].join('/')
}

/** Read again whenever the generation has changed. */
export function useEvents(generation: Generation) {
  const { id } = generation
  return useQuery({
    queryKey: ['generation', id, 'events', versionOf(generation)],
    queryFn: ({ signal }) => readEvents(id, signal),
    placeholderData: keepPreviousData,
    staleTime: hasEnded(generation) && !awaitsLate(generation) ? Infinity : 0,
  })
}

export function useDeliveries(generation: Generation) {
  const { id } = generation
  return useQuery({
    queryKey: ['generation', id, 'deliveries', generation.status],
    queryFn: ({ signal }) =>
      bodyOf(
        api.GET('/generations/{id}/deliveries', {
          params: { path: { id }, query: { limit: 100 } },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
    // A receiver that is down is tried again for a day.
    refetchInterval: ({ state: { data } }) =>
      data?.data.some(({ state }) => state === 'pending') === true ? runningMs : false,
  })
}

export function useExchanges(id: string, isOpen: boolean) {
  return useQuery({
    queryKey: ['generation', id, 'exchanges'],
    queryFn: ({ signal }) =>
      bodyOf(api.GET('/generations/{id}/exchanges', { params: { path: { id } }, signal })),
    enabled: isOpen,
  })
}

/** The generations before and after this one, among those that the key may see. */
export function useNeighbours(id: string) {
  return useQuery({
    queryKey: ['neighbours', id],
    staleTime: 30_000,
    queryFn: async ({ signal }) => {
      const beside = async (order: 'newest' | 'oldest') => {
        const query = { order, cursor: id, limit: 1, fields: 'summary' as const }
        const page = await bodyOf(api.GET('/generations', { params: { query }, signal }))
        return page.data[0]?.id ?? null
      }
      const [older, newer] = await Promise.all([beside('newest'), beside('oldest')])
      return { older, newer }
    },
  })
}
