import type { Housework } from '../domain/fleet/housework.ts'
import { inTurn } from '../services/fleet/in-turn.ts'
import { createRetention } from '../services/media/apply-retention.ts'
import type { RetentionDeps } from '../services/media/apply-retention.ts'
import { createSweep } from '../services/media/sweep-archive.ts'
import type { SweepDeps } from '../services/media/sweep-archive.ts'
import { removeExpired } from '../services/media/remove-expired.ts'
import type { WorkTurns } from '../ports/operations/work-turns.ts'
import { Janitor } from '../workers/janitor.ts'
import { createKeyEnds } from './accounts/key-ends.ts'
import type { KeyEndsDeps } from './accounts/key-ends.ts'
import type { InForce } from './reload.ts'

const dayMs = 24 * 3600_000
const everyMs = 10 * 60_000
const upkeepEveryMs = 1000
/** A node keeps the turn from one round to the next, and in a part of a round that takes this long. */
const turnMs = everyMs + 5 * 60_000

type RemoveExpiredDeps = Omit<Parameters<typeof removeExpired>[0], 'retentionMs' | 'exchangesMs'>

/** What is done every few minutes. One task that fails keeps none of the others from being done. */
interface Housekeeping {
  janitors: Array<Pick<Janitor, 'start' | 'stop'>>
  rounds: {
    /** One run of each task; how much was done. */
    removeExpired(): Promise<number>
    /** A part of the search for files without a record; 0 when the pass is over. */
    sweep(): Promise<number>
    runUpkeep(): Promise<number>
    endUnsent(): Promise<number>
  }
}

export function createHousekeeping(
  deps: RemoveExpiredDeps &
    Omit<RetentionDeps, 'retention'> &
    Omit<SweepDeps, 'listing'> & {
      archive: { listing: SweepDeps['listing'] }
      settings: InForce
    } & KeyEndsDeps & {
      runUpkeep: () => Promise<number>
      /** Of a database that several processes share; how many sums were wrong. */
      checkSlots: () => Promise<number>
      turns: WorkTurns
    },
): Housekeeping {
  const { logger, settings, turns } = deps
  const { media, retention } = settings.current.config
  const retentionMs = media.retentionDays === null ? null : media.retentionDays * dayMs
  const expire = () => removeExpired({ ...deps, retentionMs, exchangesMs: retention.exchanges })
  const applyRetention = createRetention({ ...deps, retention: () => settings.current.config.retention })
  const halt = new AbortController()
  const sweepOnce = createSweep({ ...deps, listing: deps.archive.listing })
  const sweep = () => sweepOnce(halt.signal)
  const keyEnds = createKeyEnds(deps)
  const checkSlots = async () => {
    const corrected = await deps.checkSlots()
    if (corrected > 0) logger.warn({ corrected }, 'slots in use were counted wrong, and are corrected')
    return corrected
  }
  const taking = (work: Housework, task: () => Promise<number>) =>
    new Janitor(inTurn(turns, { work, forMs: turnMs }, task), logger, everyMs)
  const sweeper = taking('orphans', sweep)
  return {
    janitors: [
      taking('expired', expire),
      taking('retention', applyRetention),
      taking('slots', checkSlots),
      new Janitor(deps.runUpkeep, logger, upkeepEveryMs),
      keyEnds.janitor,
      {
        start: () => sweeper.start(),
        stop() {
          halt.abort()
          return sweeper.stop()
        },
      },
    ],
    rounds: {
      removeExpired: async () => (await expire()) + (await applyRetention()),
      sweep,
      runUpkeep: deps.runUpkeep,
      endUnsent: keyEnds.round,
    },
  }
}
