import { Problem } from '../../domain/problem.ts'
import type { GenerationStorage } from '../../ports/generations/generation-storage.ts'

/**
 * A store that takes a new generation only while what it is made for is unchanged. Preparing a generation may hang past the
 * time of its step, and the series or comparison may have been cancelled, retried or deleted meanwhile: it would be paid, and
 * nobody would know of it. Throws `conflict`.
 */
export function insertWhile<Store extends Pick<GenerationStorage, 'insert'>>(
  store: Store,
  isUnchanged: () => Promise<boolean>,
): Store {
  const insert: Store['insert'] = async (...given) => {
    if (!(await isUnchanged()))
      throw new Problem('conflict', 'The request was changed before this was stored.')
    return store.insert(...given)
  }
  return { ...store, insert }
}
