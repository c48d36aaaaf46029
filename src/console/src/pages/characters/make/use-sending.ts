import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import { sendCharacter } from './send.ts'
import type { NewCharacter } from './source.ts'

/** Bytes. */
export interface Progress {
  done: number
  all: number
}

/** Sends a new character and leads to it. What is under way is stopped when the page is left. */
export function useSending() {
  const client = useQueryClient()
  const navigate = useNavigate()
  const stopping = useRef<AbortController | null>(null)
  const [progress, setProgress] = useState<Progress | null>(null)
  useEffect(() => () => stopping.current?.abort(), [])
  const { mutate, error, isPending } = useMutation({
    mutationFn: (made: NewCharacter) => {
      const controller = new AbortController()
      stopping.current = controller
      setProgress({ done: 0, all: 0 })
      return sendCharacter(made, {
        signal: controller.signal,
        onProgress: (done, all) => setProgress({ done, all }),
      })
    },
    onSuccess: async (id) => {
      await client.invalidateQueries({ queryKey: ['characters'] })
      await navigate({ to: '/characters/$id', params: { id } })
    },
    onSettled: () => setProgress(null),
  })
  const isStopped = error instanceof DOMException && error.name === 'AbortError'
  return {
    send: mutate,
    stop: () => stopping.current?.abort(),
    error: isStopped ? null : error,
    isStopped,
    isPending,
    progress,
  }
}
