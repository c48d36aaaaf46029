import { createContext, use, useEffect, useState, useSyncExternalStore } from 'react'
import { useKeys } from '../../../keyboard/use-keys.ts'
import { Playback } from './playback.ts'
import type { PlaybackShown } from './playback.ts'

export const PlaybackContext = createContext<Playback | null>(null)

/** A clock for the players below, with its keys: space, `,` and `.`. */
export function useNewPlayback(): Playback {
  const [playback] = useState(() => new Playback())
  useEffect(() => {
    const pause = () => {
      if (document.hidden) playback.pause()
    }
    document.addEventListener('visibilitychange', pause)
    return () => {
      document.removeEventListener('visibilitychange', pause)
      playback.stop()
    }
  }, [playback])
  useKeys({
    ' ': () => !isPressable(document.activeElement) && playback.toggle() === undefined,
    ',': () => playback.step(-1),
    '.': () => playback.step(1),
  })
  return playback
}

/** What space presses by itself. */
function isPressable(element: Element | null): boolean {
  return element?.closest('button, a[href], summary, input, [role=button]') !== null && element !== null
}

export function usePlayback(): Playback {
  const playback = use(PlaybackContext)
  if (playback === null) throw new Error('There is no clock above this player.')
  return playback
}

export function usePlaybackShown(playback: Playback): PlaybackShown {
  return useSyncExternalStore(playback.subscribe, playback.shown)
}
