/** Signals that a generation has changed; the change itself is read from the event log. Delivery is best effort. */
export interface EventBus {
  publish(generationId: string): void
  /** Returns a function that unsubscribes. */
  subscribe(generationId: string, listener: () => void): () => void
}

/** The bus of a process, for who looks after those that were not told of a change. */
export interface LocalBus extends EventBus {
  /** What has a listener here. */
  followed(): string[]
  /** Tells the listeners of this process alone. */
  tell(generationId: string): void
}
