import { sql } from 'kysely'
import { z } from 'zod'
import type { Queue, Waiting } from '../../domain/scheduling/estimated-start.ts'
import type { Database } from '../engine/database.ts'

/** More are not counted. */
const mostCounted = 100_000

const sampledRows = z.array(
  z.object({ total: z.number(), id: z.string(), slot: z.number(), doc: z.string() }),
)
const named = z.array(z.object({ upstream: z.string() }))
const sampledDocument = z.object({
  plan: z.object({ candidates: named, standby: named }),
  attempts: z.array(z.object({ upstream: z.string(), state: z.string() })),
})

/** Counts and chooses off the event loop, in one snapshot. Only these documents are read, and of them only what is needed. */
export async function sampleWaiting(
  { read, figures }: Pick<Database, 'read' | 'figures'>,
  limit: number,
): Promise<Queue> {
  const most = sql.lit(mostCounted)
  const query = sql`
    with waiting as (
      select id, slot, row_number() over (order by id) - 1 as place, count(*) over () as total from (
        select id, 0 as slot from (
          select id from generations where status = 'queued' order by id limit ${most}) as queued
        union all
        select id, 1 as slot from (
          select generation_id as id from attempts
          where state = 'binding' and generation_id is not null limit ${most}) as binding) as either)
    select waiting.total as total, waiting.slot as slot, generations.id as id, generations.doc as doc
    from waiting join generations on generations.id = waiting.id
    where waiting.place % ((waiting.total + ${sql.lit(limit - 1)}) / ${sql.lit(limit)}) = 0
    order by waiting.place`
  const rows = sampledRows.parse((await figures([query.compile(read)]))[0])
  const total = rows[0]?.total ?? 0
  return { waiting: rows.flatMap(waitingOf), weight: rows.length === 0 ? 1 : total / rows.length }
}

function waitingOf({ id, slot, doc }: z.output<typeof sampledRows>[number]): Waiting[] {
  const { plan, attempts } = sampledDocument.parse(JSON.parse(doc))
  if (slot === 0)
    return [
      {
        id,
        upstreams: [...plan.candidates, ...plan.standby].map(({ upstream }) => upstream),
        hasSlot: false,
      },
    ]
  const binding = attempts.find(({ state }) => state === 'binding')
  return binding === undefined ? [] : [{ id, upstreams: [binding.upstream], hasSlot: true }]
}
