import type { EventBus } from '../ports/event-bus.ts'

/** Listeners of this process. One that throws is reported as a process warning and does not keep the others from hearing. */
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
      // A function of its own, so that the same listener may subscribe twice.
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
