import type { EventBus } from '../ports/event-bus.ts'

/** Listeners in this process. One that throws is reported as a process warning, and the others are still called. */
export function createEventBus(): EventBus {
  const listeners = new Map<string, Set<() => void>>()

  return {
    publish(generationId) {
      // A copy: a subscriber added during delivery receives the next change.
      const told = [...(listeners.get(generationId) ?? [])]
      for (const listener of told) {
        try {
          listener()
        } catch (error) {
          process.emitWarning(new Error('an event listener threw an error', { cause: error }))
        }
      }
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
