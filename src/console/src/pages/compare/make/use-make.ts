import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import { api, bodyOf } from '../../../api/client.ts'
import { ApiProblem } from '../../../api/problem.ts'
import { compareBody, emptyCompareDraft } from '../../../rules/compare-draft.ts'
import type { CompareBody, CompareDraft } from '../../../rules/compare-draft.ts'
import { keyedParts, mayBeAccepted, newKey } from '../../../rules/send-once.ts'
import type { KeyedPart } from '../../../rules/send-once.ts'

const route = getRouteApi('/compare/new')
const settleMs = 350

/** The value once nothing has been typed for a moment. */
function useSettled<Value>(value: Value): Value {
  const [settled, setSettled] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), settleMs)
    return () => clearTimeout(timer)
  }, [value])
  return settled
}

export function useMakeDraft() {
  const { character = '' } = route.useSearch()
  const [draft, setDraft] = useState<CompareDraft>({ ...emptyCompareDraft, character })
  const change = (part: Partial<CompareDraft>) => setDraft((before) => ({ ...before, ...part }))
  return { draft, change }
}

/** The worst case of what is typed; `isCurrent` is false while another one is being asked for. */
export function useCost(draft: CompareDraft) {
  const body = compareBody(draft)
  const asked = useSettled(body === null ? '' : JSON.stringify(body))
  const query = useQuery({
    queryKey: ['comparison-cost', asked],
    enabled: body !== null && asked !== '',
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => {
      if (body === null) throw new Error('There is nothing to ask for.')
      return bodyOf(api.POST('/comparisons/route', { body, signal }))
    },
    retry: false,
  })
  const isCurrent = body !== null && asked === JSON.stringify(body) && !query.isPlaceholderData
  return { body, query, isCurrent }
}

/** A press whose answer was lost and the next one are one comparison: the same body has the same key until it is answered. */
export function useMake() {
  const navigate = useNavigate()
  const queryClient = useQueryClient()
  const open = useRef<KeyedPart[]>([])
  return useMutation({
    mutationFn: async ({ body, mostUsd }: { body: CompareBody; mostUsd: number }) => {
      const asked = { ...body, max_cost_usd: mostUsd }
      const parts = keyedParts(open.current, [JSON.stringify(asked)], freshKey)
      open.current = parts
      try {
        const header = { 'idempotency-key': parts[0]?.key ?? freshKey() }
        return await bodyOf(api.POST('/comparisons', { params: { header }, body: asked }))
      } catch (error) {
        if (!(error instanceof ApiProblem) || !mayBeAccepted(error)) open.current = []
        throw error
      }
    },
    onSuccess: (comparison) => {
      open.current = []
      queryClient.setQueryData(['comparison', comparison.id], comparison)
      void queryClient.invalidateQueries({ queryKey: ['comparisons'] })
      void navigate({ to: '/compare/$id', params: { id: comparison.id } })
    },
  })
}

function freshKey(): string {
  return newKey((bytes) => crypto.getRandomValues(bytes))
}
