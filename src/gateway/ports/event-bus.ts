/** Signals that a generation has changed; the change itself is read from the event log. Delivery is best effort. */
export interface EventBus {
  publish(generationId: string): void
  /** Returns a function that unsubscribes. */
  subscribe(generationId: string, listener: () => void): () => void
}
