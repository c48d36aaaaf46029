import { useCallback, useState } from 'react'

const storageKey = 'understudy.studio.clips'
/** The strip is for what one is at; older videos are under Generations. */
const mostKept = 60

export interface SessionClip {
  type: 'generation' | 'series'
  id: string
}

function isClip(value: unknown): value is SessionClip {
  if (typeof value !== 'object' || value === null || !('type' in value && 'id' in value)) return false
  return (value.type === 'generation' || value.type === 'series') && typeof value.id === 'string'
}

function kept(): SessionClip[] {
  try {
    const value: unknown = JSON.parse(sessionStorage.getItem(storageKey) ?? '[]')
    return Array.isArray(value) ? value.filter(isClip) : []
  } catch {
    return []
  }
}

/** What was made in this tab, the newest first. */
export function useSessionClips(): [readonly SessionClip[], (made: SessionClip) => void] {
  const [clips, setClips] = useState(kept)
  const add = useCallback((made: SessionClip) => {
    setClips((before) => {
      const after = [made, ...before.filter(({ id }) => id !== made.id)].slice(0, mostKept)
      sessionStorage.setItem(storageKey, JSON.stringify(after))
      return after
    })
  }, [])
  return [clips, add]
}
