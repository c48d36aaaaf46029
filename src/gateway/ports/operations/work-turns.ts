import type { Housework } from '../../domain/fleet/housework.ts'

/**
 * Whose turn it is to do what one node does for all. A node that was stopped in the middle may go on beside the next one, so the
 * work must bear that: turns save work, they protect nothing.
 */
export interface WorkTurns {
  /** True: this node has the turn, for so many milliseconds. A node that has it may take it again. */
  take(this: void, work: Housework, forMs: number): Promise<boolean>
  /** An orderly stop: the next node that asks has the turn. Does not throw: the process is ending. */
  leave(): Promise<void>
}

/** Of a process that shares its database with nobody. */
export const everyTurn: WorkTurns = {
  take: () => Promise.resolve(true),
  leave: () => Promise.resolve(),
}
