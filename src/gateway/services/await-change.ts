import type { EventBus } from '../ports/event-bus.ts'

export interface Changes extends Disposable {
  /** Resolves when something happened since the last call (or since the start), or when the signal aborts. */
  next(signal: AbortSignal): Promise<void>
}

export interface News extends Disposable {
  /** Whether anything came within this time, since the start or the last call; null: whenever. Ends early when the signal aborts. */
  within(ms: number | null, signal: AbortSignal): Promise<boolean>
}

/** The bus sees to it that no change stays untold. */
export function awaitChange(bus: EventBus, id: string): Changes {
  const news = awaitNews((told) => bus.subscribe(id, told))
  return {
    next: async (signal) => void (await news.within(null, signal)),
    [Symbol.dispose]: () => news[Symbol.dispose](),
  }
}

/** Listens from the start of the call, so that nothing is missed between a read and the next wait. `listen` returns how to stop. */
export function awaitNews(listen: (told: () => void) => () => void): News {
  let fresh = false
  let wake: (() => void) | undefined
  const stop = listen(() => {
    fresh = true
    wake?.()
  })
  return {
    async within(ms, signal) {
      if (!fresh && !signal.aborted) {
        await new Promise<void>((resolve) => {
          const timer = ms === null ? undefined : setTimeout(done, ms)
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
      const came = fresh
      fresh = false
      return came
    },
    [Symbol.dispose]: stop,
  }
}
