import { sql, type Kysely } from 'kysely'
import { z } from 'zod'
import type { CallRate } from '../../domain/scheduling/call-rate.ts'
import type { Clock } from '../../ports/clock.ts'
import type { UpstreamRates } from '../../ports/operations/upstream-rates.ts'
import type { Schema } from '../schema.ts'
import { createJoinedCalls } from './joined-calls.ts'

const admission = z.object({ admitted: z.number(), wait_ms: z.number() })

/** Where several processes call the upstreams: one row for each upstream and kind of call, and the clock of the server. */
export function createSharedRates(counters: Kysely<Schema>, clock: Clock): UpstreamRates {
  /** Until when nothing is admitted, as the server said; by the clock of this process. */
  const closedUntil = new Map<string, number>()

  const take = createJoinedCalls<CallRate, number | null>(async (name, { intervalMs, burst }, wanted) => {
    const { rows } = await sql`
      select admitted, wait_ms from admit_calls(${name}, ${wanted}::integer, ${intervalMs}::double precision, ${burst}::integer)
    `.execute(counters)
    const { admitted, wait_ms: waitMs } = admission.parse(rows[0])
    const retryAt = Math.ceil(clock.now() + waitMs)
    if (admitted < wanted) closedUntil.set(name, retryAt)
    return (index) => (index < admitted ? null : retryAt)
  })

  return {
    async admit(upstream, call, rate) {
      const name = `${call}:${upstream}`
      const retryAt = closedUntil.get(name) ?? 0
      const now = clock.now()
      // Further ahead than any wait: the clock was set back since.
      if (retryAt > now && retryAt <= now + rate.intervalMs * rate.burst) return retryAt
      closedUntil.delete(name)
      return take(name, rate)
    },
  }
}
