import { createRetention } from '../services/apply-retention.ts'
import type { RetentionDeps } from '../services/apply-retention.ts'
import { tidyArchive } from '../services/tidy-archive.ts'
import { Janitor } from '../workers/janitor.ts'
import type { InForce } from './reload.ts'

const dayMs = 24 * 3600_000
const everyMs = 10 * 60_000

type TidyDeps = Omit<Parameters<typeof tidyArchive>[0], 'retentionMs' | 'exchangesMs'>

/** What is done every few minutes. One task that fails keeps none of the others from being done. */
interface Housekeeping {
  janitors: Janitor[]
  /** One run of each; how much was done. */
  round(): Promise<number>
}

export function createHousekeeping(
  deps: TidyDeps & Omit<RetentionDeps, 'retention'> & { settings: InForce },
): Housekeeping {
  const { logger, settings } = deps
  const { media, retention } = settings.current.config
  const retentionMs = media.retentionDays === null ? null : media.retentionDays * dayMs
  const tasks = [
    () => tidyArchive({ ...deps, retentionMs, exchangesMs: retention.exchanges }),
    createRetention({ ...deps, retention: () => settings.current.config.retention }),
  ]
  return {
    janitors: tasks.map((task) => new Janitor(task, logger, everyMs)),
    async round() {
      let done = 0
      for (const task of tasks) done += await task()
      return done
    },
  }
}
