import type { Config } from '../config/settings.ts'
import { isSuspect } from '../domain/scheduling/crash.ts'
import { aloneIn, isAlone, stepKindOf, poolAt, localPool } from '../domain/scheduling/step-pool.ts'
import type { GenerationQueue } from '../ports/generations/generation-queue.ts'
import { createAdvanceGeneration } from '../services/advance/advance-generation.ts'
import type { AdvanceDeps } from '../services/advance/advance-generation.ts'
import { createLearnedPacing } from '../services/advance/learned-pacing.ts'
import { LeaseLostError } from '../services/advance/leased-work.ts'
import { StorageError } from '../storage/engine/storage-error.ts'
import { GenerationLoop } from '../workers/generation-loop.ts'
import type { Limits } from './limits.ts'

/** Steps that only the store is waited for. */
const localSlots = 64

/** The workers that advance generations. */
export function createLoop(
  deps: Omit<AdvanceDeps, 'pacing'> & {
    store: GenerationQueue
    halt: AbortController
    limits: Limits
    nodeId: string
    concurrency: Config['workers']['concurrency']
  },
): GenerationLoop {
  const { store, clock, logger } = deps
  return new GenerationLoop({
    store,
    clock,
    logger,
    owner: deps.nodeId,
    work: createAdvanceGeneration({ ...deps, pacing: createLearnedPacing() }),
    isLeaseLost: (error) => error instanceof LeaseLostError,
    isOutage: (error) => error instanceof StorageError && error.code === 'unreachable',
    stopping: deps.halt,
    isShared: deps.limits.isShared,
    poolOf({ generation, crashPoints }, now) {
      const pool = poolAt(generation, now)
      return isSuspect(crashPoints) ? aloneIn(pool) : pool
    },
    slotsInAll: deps.concurrency.total,
    slotsIn(pool) {
      if (isAlone(pool)) return 1
      const kind = stepKindOf(pool)
      return kind === localPool ? localSlots : deps.concurrency[kind]
    },
  })
}
