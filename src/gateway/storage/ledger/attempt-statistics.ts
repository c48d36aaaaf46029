import { sql, type Kysely, type RawBuilder } from 'kysely'
import { z } from 'zod'
import { neutralFailures, type FailureCode } from '../../domain/generation/failure.ts'
import type { AttemptStatistics } from '../../ports/generations/generation-ledger.ts'
import { isPostgres } from '../engine/dialect.ts'
import type { Schema } from '../schema.ts'
import { seekingBy } from './seeking-by.ts'

/** Enough to tell a good upstream from a bad one. Reading them takes about 1 ms. */
const statisticsRows = 500

const unexplained: FailureCode = 'unexplained'

const statisticsRow: z.ZodType<AttemptStatistics> = z.object({
  upstream: z.string(),
  succeeded: z.number(),
  failed: z.number(),
  unexplained: z.number(),
  latencyMs: z.number().nullable(),
})

/** Must match the condition of the index `attempts_finished` exactly. It leaves out failures that the upstream did not cause. */
const telling = sql<boolean>`state in ('succeeded', 'failed')
  and coalesce(failure_code, '') not in (${sql.join([...neutralFailures].map((code) => sql.lit(code)))})`

/**
 * Reads only the newest rows of each upstream, however many there are: the index is used to skip from one upstream to
 * the next. The median is the mean of the one or two middle latencies, whose positions are n/2 to n/2 + 1.
 */
export async function attemptStatistics(read: Kysely<Schema>, since: number): Promise<AttemptStatistics[]> {
  const attempts = seekingBy(read, 'attempts', 'attempts_finished')
  const alike = sql`partition by upstream, state, latency is null`
  const { rows } = await sql`
    with recursive names (upstream) as (
      select min(upstream) from ${attempts} where ${telling}
      union all
      select (select min(upstream) from ${attempts} where ${telling} and upstream > names.upstream)
      from names where names.upstream is not null
    ),
    finished as (
      select upstream, state, failure_code, case when ended_at < accepted_at then 0 else ended_at - accepted_at end as latency
      from ${newest(read, since)}
    ),
    ranked as (
      select upstream, state, failure_code, latency, row_number() over (${alike} order by latency) as place,
        count(*) over (${alike}) as n
      from finished
    )
    select upstream,
      sum(case when state = 'succeeded' then 1 else 0 end) as succeeded,
      sum(case when state = 'failed' then 1 else 0 end) as failed,
      sum(case when failure_code = ${sql.lit(unexplained)} then 1 else 0 end) as unexplained,
      cast(avg(case when state = 'succeeded' and 2 * place between n and n + 2 then latency end)
        as double precision) as "latencyMs"
    from ranked group by upstream order by upstream`.execute(read)
  return z.array(statisticsRow).parse(rows)
}

/** Each engine seeks the newest rows of one upstream after the other in one of these forms only. */
function newest(read: Kysely<Schema>, since: number) {
  const ofOne = (
    columns: RawBuilder<unknown>,
  ) => sql`select ${columns} from ${seekingBy(read, 'attempts', 'attempts_finished')}
    where ${telling} and upstream = names.upstream and ended_at >= ${since}
    order by ended_at desc limit ${sql.lit(statisticsRows)}`
  return isPostgres(read)
    ? sql`names cross join lateral (${ofOne(sql`state, failure_code, ended_at, accepted_at`)}) recent`
    : sql`attempts where id in (select recent.id from names join attempts recent on recent.id in (${ofOne(sql`id`)}))`
}
