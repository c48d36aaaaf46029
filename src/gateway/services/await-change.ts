import type { EventBus } from '../ports/event-bus.ts'

export interface Changes extends Disposable {
  /** Resolves when something happened since the last call (or since the start), or when the signal aborts. */
  next(signal: AbortSignal): Promise<void>
}

/** Delivery on the bus is best effort, so listeners also check at this interval. */
const lookAgainMs = 5000

/** Listens from the start of the call, so that nothing is missed between a read and the next wait. */
export function awaitChange(bus: EventBus, id: string): Changes {
  let fresh = false
  let wake: (() => void) | undefined
  const stop = bus.subscribe(id, () => {
    fresh = true
    wake?.()
  })
  return {
    async next(signal) {
      if (!fresh && !signal.aborted) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(done, lookAgainMs)
          function done(): void {
            clearTimeout(timer)
            signal.removeEventListener('abort', done)
            wake = undefined
            resolve()
          }
          wake = done
          signal.addEventListener('abort', done, { once: true })
        })
      }
      fresh = false
    },
    [Symbol.dispose]: stop,
  }
}
