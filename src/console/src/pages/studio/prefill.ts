import { useNavigate, useSearch } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { api, bodyOf } from '../../api/client.ts'
import { mentionPlaces } from '../../rules/mentions.ts'
import { draftOf } from '../../rules/studio-draft.ts'
import type { Draft } from '../../rules/studio-draft.ts'
import type { ChangeDraft } from './form/draft-state.ts'

export interface Prefill {
  /** What stood in the form before; null where nothing was replaced. */
  replaced: Draft | null
  hasFailed: boolean
  undo: () => void
}

/** Fills in the form from the address, once: from a generation (`?from=`), or with a character (`?character=`). */
export function usePrefill(draft: Draft, change: ChangeDraft): Prefill {
  const { from, character } = useSearch({ from: '/studio' })
  const navigate = useNavigate()
  const [replaced, setReplaced] = useState<Draft | null>(null)
  const [hasFailed, setFailed] = useState(false)
  useEffect(() => {
    if (character === undefined) return
    const isNamed = mentionPlaces(draft.prompt).some(({ name }) => name === character)
    if (!isNamed) change({ mode: 'one', prompt: `@${character} ${draft.prompt}` })
    void navigate({ to: '/studio', search: {}, replace: true })
  }, [character])
  useEffect(() => {
    if (from === undefined) return
    const leaving = new AbortController()
    const { signal } = leaving
    async function fill(id: string): Promise<void> {
      try {
        const generation = await bodyOf(api.GET('/generations/{id}', { params: { path: { id } }, signal }))
        if (draft.prompt.trim() !== '') setReplaced(draft)
        change(draftOf(generation))
        await navigate({ to: '/studio', search: {}, replace: true })
      } catch {
        if (!signal.aborted) setFailed(true)
      }
    }
    void fill(from)
    return () => leaving.abort()
  }, [from])
  function undo(): void {
    if (replaced !== null) change(replaced)
    setReplaced(null)
  }
  return { replaced, hasFailed, undo }
}
