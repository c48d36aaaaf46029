import { monitorEventLoopDelay } from 'node:perf_hooks'
import { ulid } from 'ulid'
import type { Retention } from '../../src/gateway/domain/generation/retention.ts'
import type { Clock } from '../../src/gateway/ports/clock.ts'
import type { MediaArchive } from '../../src/gateway/ports/media/media-archive.ts'
import { createIds } from '../../src/gateway/process/ids.ts'
import { createLogger } from '../../src/gateway/process/logger.ts'
import { createRetention } from '../../src/gateway/services/media/apply-retention.ts'
import { removeExpired } from '../../src/gateway/services/media/remove-expired.ts'
import { openDatabase } from '../../src/gateway/storage/engine/database.ts'
import { unnamedIn } from '../../src/gateway/storage/media/unnamed-media.ts'
import { openStores } from '../../src/gateway/wiring/stores.ts'
import { mediaId } from '../../test/fixtures/generation.ts'
import { insert, underWay } from '../crowd/fill.ts'

/** A task of the gateway that is done every few minutes, or all at once. */
export interface Housework {
  task: string
  /** Of one run, in ms. */
  ms: number
  runs: number
  /** CPU time of one run, in ms, that of threads included. */
  cpuMs: number
  /** The longest time for which the event loop was held, in ms. */
  longestHoldMs: number
}

const dayMs = 86_400_000
const files = 20_000
const inserts = { together: 50, rounds: 40 }
/** Kept for longer than anything is old. */
const always = 1000 * dayMs
const kept: Retention = {
  generations: always,
  references: null,
  events: null,
  deliveries: null,
  attempts: always,
  audit: null,
  exchanges: always,
}

const unasked = (): never => {
  throw new Error('no housework asks for this')
}
const emptyArchive: MediaArchive = {
  put: unasked,
  size: unasked,
  read: unasked,
  copy: unasked,
  remove: async () => undefined,
  thumbnail: unasked,
  cut: unasked,
  stills: unasked,
  writeFault: unasked,
}

/** In this process, without callers, over a database that nobody else has open. Expires and removes a few of its generations. */
export async function measureHousework(file: string): Promise<Housework[]> {
  const clock: Clock = { now: Date.now }
  const logger = createLogger('error', { write: () => undefined })
  await using database = await openDatabase({ file })
  const stores = openStores({ database, file }, { wrap: {}, eventLogger: logger })
  const { store, retained } = stores
  const archive = emptyArchive
  const seen: Housework[] = []

  const timed = async (task: string, runs: number, run: () => Promise<unknown>): Promise<void> => {
    const delay = monitorEventLoopDelay({ resolution: 1 })
    const [began, cpu] = [performance.now(), process.cpuUsage()]
    delay.enable()
    for (let count = 0; count < runs; count++) await run()
    delay.disable()
    const { user, system } = process.cpuUsage(cpu)
    seen.push({
      task,
      ms: (performance.now() - began) / runs,
      runs,
      cpuMs: (user + system) / 1000 / runs,
      longestHoldMs: delay.max / 1e6,
    })
  }
  const retention = (changed: Partial<Retention>) =>
    createRetention({
      store,
      retained,
      archive,
      clock,
      ids: createIds(clock),
      logger,
      retention: () => ({ ...kept, ...changed }),
    })
  const expire = (retentionMs: number | null) => () =>
    removeExpired({ ...stores, archive, clock, retentionMs, exchangesMs: always })

  await timed('expired records, none', 5, expire(null))
  await timed('retention, nothing old enough', 5, retention({ generations: always }))
  const looks = retention({ generations: always, references: dayMs })
  await timed('retention, 50 that keep their record', 20, looks)
  const removes = retention({ generations: dayMs })
  await timed('retention, 50 that go', 10, removes)
  await timed('videos expired, 200', 3, expire(dayMs))
  await timed(`${files} files looked for in all records`, 1, () =>
    unnamedIn(
      file,
      Array.from({ length: files }, (_, number) => mediaId(number)),
      AbortSignal.timeout(600_000),
    ),
  )
  await timed(`${inserts.together} accepted at a time, with checkpoints`, inserts.rounds, () =>
    Promise.all(
      Array.from({ length: inserts.together }, (_, number) => {
        const now = clock.now()
        const generation = underWay(number, 10, { now, dueAt: now + dayMs })
        const attempts = generation.attempts.map((each) => ({ ...each, id: `att_${ulid()}` as const }))
        return insert(store, { ...generation, id: `gen_${ulid()}`, attempts })
      }),
    ),
  )
  return seen
}
