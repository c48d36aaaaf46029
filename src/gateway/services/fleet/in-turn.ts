import type { Housework } from '../../domain/fleet/housework.ts'
import type { WorkTurns } from '../../ports/operations/work-turns.ts'

/**
 * A part of some work, done while it is this node's turn; 0 otherwise. Every part asks anew, so that a node that was stopped
 * for longer than its turn leaves the rest to the one that took over.
 */
export function inTurn(
  { take }: Pick<WorkTurns, 'take'>,
  { work, forMs }: { work: Housework; forMs: number },
  part: () => Promise<number>,
): () => Promise<number> {
  return async () => ((await take(work, forMs)) ? part() : 0)
}
