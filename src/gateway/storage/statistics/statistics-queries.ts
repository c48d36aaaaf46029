import { sql, type RawBuilder } from 'kysely'
import { lostStates } from '../../domain/statistics/statistics.ts'
import { stepMs } from '../../domain/statistics/steps.ts'
import type { StepSpan } from '../../domain/statistics/steps.ts'
import { firstId, slackMs } from '../search/candidates.ts'

/** As in the index `attempts_sent`. Of attempts of before, only when the upstream accepted the job is known. */
const sentAt = sql`coalesce(submitted_at, accepted_at)`
const settled = sql`cost_state = 'settled'`
const lost = sql`state in (${sql.join(lostStates.map((state) => sql.lit(state)))})`

const count = (condition: RawBuilder<unknown>) =>
  sql`cast(sum(case when ${condition} then 1 else 0 end) as bigint)`
const total = (condition: RawBuilder<unknown>, amount: RawBuilder<unknown>) =>
  sql`cast(sum(case when ${condition} then ${amount} else 0 end) as bigint)`

/** The queries of `StatisticsParts`, in the order of its members, and whether there was any attempt. */
export function statisticsQueries(upstreams: readonly string[], span: StepSpan): Array<RawBuilder<unknown>> {
  const { from, to } = span
  const ms = sql.lit(stepMs[span.step])
  const here = amongst(upstreams)
  const at = sql`from attempts where ${here}`
  const within = (instant: RawBuilder<unknown>) => sql`${instant} >= ${from} and ${instant} < ${to}`
  return [
    sql`select ${sentAt} / ${ms} as step, count(*) as n ${at} and ${within(sentAt)} group by 1`,
    sql`select ended_at / ${ms} as step, state, failure_code as "failureCode", count(*) as n,
      ${count(sql`${sentAt} is not null`)} as sent, ${total(settled, sql`cost_micros`)} as "costMicros",
      ${total(sql`${settled} and delivered = 0`, sql`cost_micros`)} as "unusedMicros"
      ${at} and ${within(sql`ended_at`)} group by 1, 2, 3`,
    quantiles(here, span),
    sql`select hour * ${sql.lit(stepMs.hour)} / ${ms} as step, operation, cast(sum(openings) as bigint) as n
      from breaker_openings where ${here}
      and hour >= ${from / stepMs.hour} and hour < ${to / stepMs.hour} group by 1, 2`,
    sql`select ${sentAt} / ${ms} as step, ${count(sql`not (${lost})`)} as "inFlight", ${count(lost)} as lost
      ${at} and ended_at is null and ${sentAt} is not null group by 1`,
    sql`select (select count(*) ${at} and ${sentAt} >= ${to}) as creates,
      (select count(*) ${at} and ended_at >= ${to} and ${sentAt} is not null) as ends,
      exists (select 1 ${at}) as "isKnown"`,
  ]
}

/** A list in the statement itself: PostgreSQL takes what a function returns for many upstreams, and reads all attempts then. */
function amongst(upstreams: readonly string[]): RawBuilder<unknown> {
  return upstreams.length === 0 ? sql`1 = 0` : sql`upstream in (${sql.join(upstreams)})`
}

/** Generations by the step of their creation, found by their ids, which carry the time. */
export function acceptedQuery({ from, to, step }: StepSpan): RawBuilder<unknown> {
  return sql`select created_at / ${sql.lit(stepMs[step])} as step, count(*) as n from generations
    where id >= ${firstId(from - slackMs)} and id < ${firstId(to + slackMs)}
    and created_at >= ${from} and created_at < ${to} group by 1`
}

const atRank = (percent: number) => sql`min(case when place * 100 >= n * ${sql.lit(percent)} then ms end)`

/** The smallest time that at least so many percent of all were not above. The times themselves are rounded. */
function quantiles(here: RawBuilder<unknown>, { from, to, step }: StepSpan) {
  const alike = sql`partition by phase, step`
  return sql`select phase, step, ${atRank(50)} as p50, ${atRank(95)} as p95 from (
    select phase, step, ms, sum(attempts) over (${alike} order by ms) as place, sum(attempts) over (${alike}) as n
    from (
      select phase, hour * ${sql.lit(stepMs.hour)} / ${sql.lit(stepMs[step])} as step, ms, sum(attempts) as attempts
      from attempt_times where ${here} and hour >= ${from / stepMs.hour} and hour < ${to / stepMs.hour}
      group by 1, 2, 3 having sum(attempts) > 0) counted) ranked
    group by phase, step`
}
