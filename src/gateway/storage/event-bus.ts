import type { LocalBus } from '../ports/event-bus.ts'
import { noNotices } from '../ports/notices.ts'
import type { Notices } from '../ports/notices.ts'

/**
 * Listeners in this process, which also hear of what other nodes publish. One that throws is reported as a process
 * warning, and the others are still called.
 */
export function createEventBus(notices: Notices = noNotices): LocalBus {
  const listeners = new Map<string, Set<() => void>>()

  function tell(generationId: string): void {
    // A copy: a subscriber added during delivery receives the next change.
    const told = [...(listeners.get(generationId) ?? [])]
    for (const listener of told) {
      try {
        listener()
      } catch (error) {
        process.emitWarning(new Error('an event listener threw an error', { cause: error }))
      }
    }
  }

  notices.listen({
    changed: (ids) => ids.forEach(tell),
    removed: (removals) => removals.forEach(({ id }) => tell(id)),
    missed: () => [...listeners.keys()].forEach(tell),
  })

  return {
    followed: () => [...listeners.keys()],
    tell,
    publish(generationId) {
      tell(generationId)
      notices.changed(generationId)
    },
    subscribe(generationId, listener) {
      // Wrapped in a new function, so that the same listener can subscribe twice.
      const subscription = () => listener()
      const subscribed = listeners.get(generationId) ?? new Set()
      listeners.set(generationId, subscribed.add(subscription))
      return () => {
        subscribed.delete(subscription)
        if (subscribed.size === 0 && listeners.get(generationId) === subscribed)
          listeners.delete(generationId)
      }
    },
  }
}
