import { sharedCopies } from '../../domain/fleet/shared-copy.ts'
import type { SharedCopy } from '../../domain/fleet/shared-copy.ts'
import type { CopyVersions } from '../../ports/operations/copy-versions.ts'

/**
 * Reads again what other nodes changed of what this node keeps in memory, and returns how much that was. One small query
 * where nothing changed. What cannot be read is tried again in the next round.
 */
export function createRefreshCopies(
  versions: CopyVersions,
  readAgain: Readonly<Record<SharedCopy, () => Promise<void>>>,
): () => Promise<number> {
  const known = new Map<SharedCopy, number>()
  return async () => {
    const found = await versions.all()
    const changed = sharedCopies.filter((name) => found.get(name) !== known.get(name))
    for (const name of changed) {
      await readAgain[name]()
      known.set(name, found.get(name) ?? 0)
    }
    return changed.length
  }
}
