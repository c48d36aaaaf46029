import { useCallback, useState } from 'react'
import { parseDraft } from '../../../rules/studio-draft.ts'
import type { Draft } from '../../../rules/studio-draft.ts'

const storageKey = 'understudy.studio.draft'

export type ChangeDraft = (change: Partial<Draft>) => void

/** What was typed, kept in this tab over reloading and signing in again. */
export function useDraft(): [Draft, ChangeDraft] {
  const [draft, setDraft] = useState(() => parseDraft(sessionStorage.getItem(storageKey)))
  const change = useCallback<ChangeDraft>((changed) => {
    setDraft((before) => {
      const after = { ...before, ...changed }
      sessionStorage.setItem(storageKey, JSON.stringify(after))
      return after
    })
  }, [])
  return [draft, change]
}
