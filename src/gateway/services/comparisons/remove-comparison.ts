import type { Client } from '../../domain/accounts/client.ts'
import type { Comparison } from '../../domain/characters/comparison.ts'
import { isTerminal } from '../../domain/generation/liveness.ts'
import { Problem } from '../../domain/problem.ts'
import type { Clock, Ids } from '../../ports/clock.ts'
import type { ComparisonStore } from '../../ports/characters/comparison-store.ts'
import type { GenerationStore } from '../../ports/generations/generation-store.ts'
import { auditEntry } from '../accounts/audit-entry.ts'
import type { GenerationService } from '../generations/generations.ts'
import type { OpenWork } from './comparisons.ts'

export interface RemoveComparisonDeps {
  ids: Ids
  clock: Clock
  comparisons: ComparisonStore
  store: GenerationStore
  generations: Pick<GenerationService, 'cancel'>
}

/**
 * Deletes the client's comparison. With `cancel`, what is under way is cancelled first, so that a call that fails in between
 * can be repeated; and again afterwards, since a worker may have sent more until the comparison was gone.
 */
export async function removeComparison(
  deps: RemoveComparisonDeps,
  client: Client,
  comparison: Comparison,
  open: OpenWork,
): Promise<void> {
  if (open === 'cancel') await cancelOpen(deps, client, comparison)
  const audit = auditEntry(deps, { actor: client, action: 'comparison.deleted', subject: comparison.id })
  await deps.comparisons.remove(comparison.id, audit)
  if (open === 'cancel') await cancelOpen(deps, client, comparison)
}

async function cancelOpen(
  { store, generations }: RemoveComparisonDeps,
  client: Client,
  { cells }: Comparison,
): Promise<void> {
  for (const { state, generationId } of cells) {
    if (state === 'delivered' || state === 'failed') continue
    const stored = await store.get(generationId)
    if (stored === null || isTerminal(stored.generation)) continue
    try {
      await generations.cancel(client, generationId)
    } catch (error) {
      // Deleted meanwhile.
      if (!(error instanceof Problem) || error.code !== 'not_found') throw error
    }
  }
}
