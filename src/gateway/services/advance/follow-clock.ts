import { isDeepStrictEqual } from 'node:util'
import { setBackMs } from '../../domain/scheduling/clock-step.ts'
import type { Reading } from '../../domain/scheduling/clock-step.ts'
import { transition } from '../../domain/attempts/transition.ts'
import type { Clock } from '../../ports/clock.ts'
import type { GenerationStore } from '../../ports/generations/generation-store.ts'
import type { Logger } from '../../ports/logger.ts'
import type { StoredInstants } from '../../ports/stored-instants.ts'

interface FollowClockDeps {
  store: GenerationStore
  instants: StoredInstants
  clock: Clock
  /** Milliseconds of a clock that nobody sets. */
  monotonic: () => number
  logger: Logger
}

const perPage = 100

/** Checks whether the system clock was set back since the last call, and moves waiting times back accordingly. */
export function createFollowClock(deps: FollowClockDeps): () => Promise<void> {
  const { clock, monotonic, logger, instants } = deps
  const read = (): Reading => ({ wall: clock.now(), monotonic: monotonic() })
  let before = read()
  return async () => {
    const now = read()
    const byMs = setBackMs(before, now)
    if (byMs > 0) {
      logger.warn({ seconds: byMs / 1000 }, 'the system clock moved back; adjusted the times of waiting work')
      await instants.bringBack(byMs, now.wall)
      await bringGenerationsBack(deps, byMs)
    }
    // Only now: what could not be stored is done again at the next look.
    before = now
  }
}

async function bringGenerationsBack(
  { store, instants, clock }: FollowClockDeps,
  byMs: number,
): Promise<void> {
  let page = await instants.open(null, perPage)
  while (page.length > 0) {
    for (const { generation, version } of page) {
      const at = clock.now()
      const { generation: next, entries } = transition(generation, { type: 'clock_set_back', at, byMs })
      // A newer version written in the meantime already uses the current clock.
      if (!isDeepStrictEqual(next, generation)) await store.save(next, { version, entries, lease: null })
    }
    page = await instants.open(page.at(-1)?.generation.id ?? null, perPage)
  }
}
