/** Says that a generation has changed; what changed is read from the event log. Delivery is best effort. */
export interface EventBus {
  publish(generationId: string): void
  /** Returns how to stop listening. */
  subscribe(generationId: string, listener: () => void): () => void
}
