import type { ComparisonId, SeriesId } from '../../domain/ids.ts'
import { transition } from '../../domain/attempts/transition.ts'
import type { Clock } from '../../ports/clock.ts'
import type { SetAside } from '../../ports/generations/generation-queue.ts'
import type { GenerationStore } from '../../ports/generations/generation-store.ts'
import type { Logger } from '../../ports/logger.ts'

/** Shows, on each of them and in the log, that nobody takes them up for now. Their leases say so whether this is stored or not. */
export async function noteSetAside(
  { store, clock, logger }: { store: GenerationStore; clock: Clock; logger: Logger },
  setAside: readonly SetAside[],
): Promise<void> {
  for (const { id, until } of setAside) {
    const fields = { generation: id, until: new Date(until).toISOString() }
    logger.error(fields, 'the gateway crashed repeatedly while working on this generation; pausing its work')
    try {
      const stored = await store.get(id)
      if (stored === null) continue
      const { generation, entries } = transition(stored.generation, {
        type: 'set_aside',
        at: clock.now(),
        until,
      })
      await store.save(generation, { version: stored.version, entries, lease: null })
    } catch (error) {
      logger.error({ ...fields, err: error }, 'failed to store the pause of a generation')
    }
  }
}

export function noteOthersAside(
  logger: Logger,
  noun: 'comparison' | 'series',
  setAside: ReadonlyArray<{ id: ComparisonId | SeriesId; until: number }>,
): void {
  for (const { id, until } of setAside)
    logger.error(
      { [noun]: id, until: new Date(until).toISOString() },
      `the gateway crashed repeatedly while working on this ${noun}; pausing its work`,
    )
}
