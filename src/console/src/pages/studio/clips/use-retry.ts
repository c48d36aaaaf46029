import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api, bodyOf } from '../../../api/client.ts'
import type { Schemas } from '../../../api/client.ts'
import { ApiProblem } from '../../../api/problem.ts'
import { keyedParts, mayBeAccepted, newKey } from '../../../rules/send-once.ts'
import type { KeyedPart } from '../../../rules/send-once.ts'

export type Series = Schemas['Series']
/** Null: every failed scene that may be sent again as it is. */
export type RetryScenes = (scenes: Array<{ id: string; prompt?: string }> | null) => void

/** Sends a retry; the same one again has the same key as long as no answer came. */
export function useRetry(id: string) {
  const cache = useQueryClient()
  const [open, setOpen] = useState<readonly KeyedPart[]>([])
  return useMutation({
    async mutationFn(scenes: Parameters<RetryScenes>[0]) {
      const [part] = keyedParts(open, [JSON.stringify(scenes)], () =>
        newKey((bytes) => crypto.getRandomValues(bytes)),
      )
      const header = { 'idempotency-key': part?.key ?? '' }
      try {
        const series = await bodyOf(
          api.POST('/series/{id}/retry', {
            params: { path: { id }, header },
            body: scenes === null ? {} : { scenes },
          }),
        )
        setOpen([])
        return series
      } catch (error) {
        setOpen(error instanceof ApiProblem && mayBeAccepted(error) && part !== undefined ? [part] : [])
        throw error
      }
    },
    onSuccess: (series) => cache.setQueryData(['series', id], series),
  })
}
