import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { z } from 'zod'
import { operations } from '../../domain/routing/upstream.ts'
import type { Operation } from '../../domain/routing/upstream.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Logger } from '../../ports/logger.ts'
import type { SharedBreakers } from '../../ports/operations/shared-breakers.ts'
import type { Database } from '../engine/database.ts'

/** Longer than a trial request takes. A node that ends meanwhile leaves the trial to the others after that. */
const probeMs = 90_000

const circuitRow = z.object({
  upstream: z.string(),
  operation: z.enum(operations),
  retry_at: z.number().nullable(),
  reset_at: z.number().nullable(),
})
const takenRow = z.object({ taken: z.boolean() })

/** Only for PostgreSQL. */
export function createSharedBreakers(deps: {
  database: Pick<Database, 'read' | 'write'>
  clock: Clock
  logger: Logger
}): SharedBreakers {
  const { database, clock, logger } = deps
  const node = randomUUID()

  function store(
    upstream: string,
    operation: Operation,
    { retryAt, resetAt }: { retryAt: number | null; resetAt: number | null },
  ): void {
    database
      .write(
        (transaction) =>
          sql`insert into breaker_circuits (upstream, operation, retry_at, reset_at)
            values (${upstream}, ${operation}, ${retryAt}, ${resetAt})
            on conflict (upstream, operation) do update set retry_at = excluded.retry_at, probe_by = null,
              reset_at = coalesce(excluded.reset_at, breaker_circuits.reset_at)`.execute(transaction),
        { locks: [] },
      )
      .catch((error: unknown) => {
        logger.warn({ err: error, upstream, operation }, 'failed to tell other nodes of a breaker')
      })
  }

  return {
    opened: (upstream, operation, retryAt) => store(upstream, operation, { retryAt, resetAt: null }),
    closed: (upstream, operation) => store(upstream, operation, { retryAt: null, resetAt: null }),
    reset: (upstream, operation) => store(upstream, operation, { retryAt: null, resetAt: clock.now() }),
    async mayProbe(upstream, operation) {
      const now = clock.now()
      try {
        return await database.write(
          async (transaction) => {
            // Without a row, nobody was told of the breaker.
            const { rows } = await sql`with taken as (
                update breaker_circuits set probe_by = ${node}, probe_until = ${now + probeMs}
                where upstream = ${upstream} and operation = ${operation}
                  and (probe_by is null or probe_by = ${node} or probe_until <= ${now})
                returning upstream)
              select exists (select 1 from taken) or not exists (
                select 1 from breaker_circuits where upstream = ${upstream} and operation = ${operation}
              ) as taken`.execute(transaction)
            return rows.some((row) => takenRow.parse(row).taken)
          },
          { locks: [] },
        )
      } catch (error) {
        logger.warn({ err: error, upstream, operation }, 'failed to agree on who tries an upstream again')
        return false
      }
    },
    async all() {
      const { rows } =
        await sql`select upstream, operation, retry_at, reset_at from breaker_circuits`.execute(database.read)
      return rows.flatMap((row) => {
        const found = circuitRow.safeParse(row).data
        // A later release may have other operations.
        if (found === undefined) return []
        const { upstream, operation, retry_at: retryAt, reset_at: resetAt } = found
        return [{ upstream, operation, retryAt, resetAt }]
      })
    },
  }
}
