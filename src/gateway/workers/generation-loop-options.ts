import type { Claimed, GenerationQueue } from '../ports/generations/generation-queue.ts'
import type { LeaseLoopDeps } from './lease-loop.ts'

export interface GenerationLoopOptions extends LeaseLoopDeps {
  store: GenerationQueue
  owner: string
  /**
   * Works on one claimed generation; must release its lease. Before a step in another pool it calls `enter` for a slot
   * there; without a slot, the step is left to a later claim. Before it sends what must not be sent twice it asks
   * `isHeld`: false once another owner may have taken over.
   */
  work: (
    stored: Claimed,
    lease: { owner: string; isHeld: () => boolean },
    enter: (pool: string) => Promise<boolean>,
  ) => Promise<void>
  /** True where other processes claim from the same queue. */
  isShared: boolean
  monotonic?: () => number
  /** The pool that a generation waits in. */
  poolOf: (stored: Claimed, now: number) => string
  /** Whether an error only means that another owner has the generation now. */
  isLeaseLost: (error: unknown) => boolean
  /** Whether an error only means that the store was away: the work can be taken up again as soon as it is back. */
  isOutage: (error: unknown) => boolean
  /** The number of generations worked on concurrently in one pool. */
  slotsIn: (pool: string) => number
  /** The same for all pools together. */
  slotsInAll: number
}
