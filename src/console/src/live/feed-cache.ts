import type { QueryClient } from '@tanstack/react-query'
import { createSteps } from '../rules/merge-changes.ts'
import type { GenerationChange } from '../rules/merge-changes.ts'
import { applyChanges, applyRemovals, applyUpstreams } from './apply-frames.ts'
import type { Frame } from './frames.ts'

/** How often lists and counts are read again at most, while generations take steps. */
const readAgainMs = 1500
/** Between two draws: some are enough for the eye, and a long list costs some ms each time. */
const drawMs = 100
/** A hidden page draws nothing, so its frames wait for this. */
const hiddenMs = 1000
const rememberedSteps = 5000

export interface CacheFeed {
  take(frame: Frame): void
  stop(): void
}

/** Collects frames and puts them into the query cache, once per animation frame. */
export function feedCache(client: QueryClient): CacheFeed {
  const changes = new Map<string, GenerationChange>()
  const removed = new Set<string>()
  const upstreams = new Map<string, Extract<Frame, { type: 'upstream.changed' }>>()
  const isStep = createSteps(rememberedSteps)
  let drawing: number | null = null
  let waiting: number | null = null
  let reading: number | null = null
  let readAt = 0
  let drawnAt = 0

  function flush(): void {
    if (drawing !== null) cancelAnimationFrame(drawing)
    if (waiting !== null) clearTimeout(waiting)
    drawing = null
    waiting = null
    drawnAt = performance.now()
    if (removed.size > 0) applyRemovals(client, removed)
    if (changes.size > 0) applyChanges(client, changes)
    if (removed.size > 0) readAgain()
    if (upstreams.size > 0) applyUpstreams(client, upstreams)
    changes.clear()
    removed.clear()
    upstreams.clear()
  }

  function readAgain(): void {
    reading ??= window.setTimeout(
      () => {
        reading = null
        readAt = performance.now()
        void client.invalidateQueries({ queryKey: ['generations'] }, { cancelRefetch: false })
      },
      Math.max(0, readAt + readAgainMs - performance.now()),
    )
  }

  function schedule(): void {
    if (drawing !== null) return
    const wait = document.hidden ? hiddenMs : Math.max(0, drawnAt + drawMs - performance.now())
    waiting ??= window.setTimeout(() => {
      waiting = null
      if (document.hidden) flush()
      else drawing = requestAnimationFrame(flush)
    }, wait)
  }

  return {
    take(frame) {
      switch (frame.type) {
        case 'generation.changed':
          if ((changes.get(frame.id)?.seq ?? 0) <= frame.seq) changes.set(frame.id, frame)
          if (isStep(frame)) readAgain()
          schedule()
          break
        case 'generation.removed':
          changes.delete(frame.id)
          removed.add(frame.id)
          schedule()
          break
        case 'upstream.changed':
          upstreams.set(frame.id, frame)
          schedule()
          break
        case 'resync':
          for (const key of ['generations', 'generation', 'upstreams'])
            void client.invalidateQueries({ queryKey: [key] })
          break
        case 'heartbeat':
          break
      }
    },
    stop() {
      if (reading !== null) clearTimeout(reading)
      flush()
    },
  }
}
