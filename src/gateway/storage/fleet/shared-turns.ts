import { sql, type Kysely } from 'kysely'
import { z } from 'zod'
import type { WorkTurns } from '../../ports/operations/work-turns.ts'
import type { Schema } from '../schema.ts'

const taken = z.object({ mine: z.boolean() })

/** One row for each kind of work, by the clock of the server. Who does not have the turn locks nothing by asking. */
export function createSharedTurns(counters: Kysely<Schema>, nodeId: string): WorkTurns {
  return {
    async take(work, forMs) {
      const until = sql`database_ms() + ${forMs}::double precision`
      const { rows } = await sql`
        with again as (
          update housekeeping_turns set node = ${nodeId}, until = ${until}
          where work = ${work} and (node = ${nodeId} or until < database_ms()) returning 1),
        first as (
          insert into housekeeping_turns (work, node, until) values (${work}, ${nodeId}, ${until})
          on conflict (work) do nothing returning 1)
        select exists (select from again) or exists (select from first) as mine`.execute(counters)
      return taken.parse(rows[0]).mine
    },
    async leave() {
      await sql`delete from housekeeping_turns where node = ${nodeId}`
        .execute(counters)
        .catch(() => undefined)
    },
  }
}
