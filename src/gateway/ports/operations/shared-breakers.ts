import type { Operation } from '../../domain/routing/upstream.ts'

/** The breaker of one operation of an upstream, as the nodes agreed. Instants are ms since the epoch. */
export interface SharedCircuit {
  upstream: string
  operation: Operation
  /** When a trial request may be made; null while it is closed. */
  retryAt: number | null
  /** When an operator last closed it; null: never. */
  resetAt: number | null
}

/** What nodes tell each other of their breakers. What cannot be stored is logged, and each node finds out for itself. */
export interface SharedBreakers {
  opened(upstream: string, operation: Operation, retryAt: number): void
  /** A trial request succeeded. */
  closed(upstream: string, operation: Operation): void
  /** An operator closed it. */
  reset(upstream: string, operation: Operation): void
  /** Whether this node makes the trial request; false while another one does, or if nobody can tell. */
  mayProbe(upstream: string, operation: Operation): Promise<boolean>
  all(): Promise<SharedCircuit[]>
}
