import { sql } from 'kysely'
import { z } from 'zod'
import { phases } from '../../domain/statistics/phases.ts'
import type { StatisticsParts } from '../../domain/statistics/statistics.ts'
import { stepMs } from '../../domain/statistics/steps.ts'
import type { StatisticsStore } from '../../ports/statistics/statistics-store.ts'
import type { Database } from '../engine/database.ts'
import { cleaning } from '../engine/write-options.ts'
import { storedBoolean } from '../stored-boolean.ts'
import { acceptedQuery, statisticsQueries } from './statistics-queries.ts'

const step = z.number()
const n = z.number()

const partsOf = z.tuple([
  z.array(z.object({ step, n })),
  z.array(
    z.object({
      step,
      state: z.string(),
      failureCode: z.string().nullable(),
      n,
      sent: n,
      costMicros: n,
      unusedMicros: n,
    }),
  ),
  z.array(z.object({ step, phase: z.enum(phases), p50: n, p95: n })),
  z.array(z.object({ step, operation: z.string(), n })),
  z.array(z.object({ step, inFlight: n, lost: n })),
  z.tuple([z.object({ creates: n, ends: n, isKnown: storedBoolean })]),
])

const counts = [
  { table: 'attempt_times', key: sql`upstream, hour, phase, ms` },
  { table: 'breaker_openings', key: sql`upstream, hour, operation` },
]

/** Read in a separate thread: from the attempts themselves and, for times and openings, from counts per hour. */
export function createStatisticsStore({ read, write, report }: Database): StatisticsStore {
  return {
    async read(upstreams, span) {
      const queries = statisticsQueries(upstreams, span).map((each) => each.compile(read))
      const [creates, ends, times, openings, open, [later]] = partsOf.parse(await report(queries))
      if (!later.isKnown) return null
      const parts: StatisticsParts = { creates, ends, times, openings, open, later }
      return parts
    },
    async accepted(span) {
      const found = await report([acceptedQuery(span).compile(read)])
      return z.tuple([z.array(z.object({ step, n }))]).parse(found)[0]
    },
    async countOpening(upstream, operation, at) {
      const hour = Math.floor(at / stepMs.hour)
      await write(
        async (transaction) => {
          await transaction
            .insertInto('breaker_openings')
            .values({ upstream, hour, operation, openings: 1 })
            .onConflict((conflict) =>
              conflict
                .columns(['upstream', 'hour', 'operation'])
                .doUpdateSet({ openings: sql`breaker_openings.openings + 1` }),
            )
            .execute()
        },
        { queue: 'workers', locks: [] },
      )
    },
    prune: (before, limit) =>
      write(async (transaction) => {
        const hour = Math.floor(before / stepMs.hour)
        let removed = 0
        for (const { table, key } of counts) {
          const done = await sql`delete from ${sql.ref(table)} where (${key}) in (
            select ${key} from ${sql.ref(table)} where hour < ${hour} limit ${limit})`.execute(transaction)
          removed += Number(done.numAffectedRows ?? 0n)
        }
        return removed
      }, cleaning),
  }
}
