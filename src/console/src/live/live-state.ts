import { useSyncExternalStore } from 'react'

/** `paused`: nothing comes although it should; `off`: switched off by the person. */
export type LiveMode = 'connecting' | 'live' | 'paused' | 'off'

export interface LiveState {
  mode: LiveMode
  /** When something last came, in ms since 1970; null before. */
  lastAt: number | null
}

let current: LiveState = { mode: 'connecting', lastAt: null }
const listeners = new Set<() => void>()

export function liveState(): LiveState {
  return current
}

export function setLive(next: Partial<LiveState>): void {
  const changed = { ...current, ...next }
  // The time alone is read when it is shown: a frame a second must not draw the head anew.
  const isShown = changed.mode !== current.mode
  current = changed
  if (isShown) for (const listener of listeners) listener()
}

export function onLive(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export function useLive(): LiveMode {
  return useSyncExternalStore(onLive, () => current.mode)
}

/** Updates come, or not, until it is switched again. */
export function toggleLive(): void {
  setLive({ mode: current.mode === 'off' ? 'connecting' : 'off' })
}
