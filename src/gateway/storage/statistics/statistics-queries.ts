import { sql, type RawBuilder } from 'kysely'
import { lostStates } from '../../domain/statistics/statistics.ts'
import { stepMs } from '../../domain/statistics/steps.ts'
import type { StepSpan } from '../../domain/statistics/steps.ts'
import type { Phase } from '../../domain/statistics/phases.ts'

/** As in the index `attempts_sent`. Of attempts of before, only when the upstream accepted the job is known. */
const sentAt = sql`coalesce(submitted_at, accepted_at)`
const settled = sql`cost_state = 'settled'`
const lost = sql`state in (${sql.join(lostStates.map((state) => sql.lit(state)))})`

/** The column of how long a phase took, and the instant that decides of its step. */
const phaseColumns: Record<Phase, [ms: RawBuilder<unknown>, at: RawBuilder<unknown>]> = {
  queue: [sql`queue_ms`, sentAt],
  render: [sql`render_ms`, sql`ended_at`],
  download: [sql`download_ms`, sql`ended_at`],
}

const count = (condition: RawBuilder<unknown>) =>
  sql`cast(sum(case when ${condition} then 1 else 0 end) as bigint)`
const total = (condition: RawBuilder<unknown>, amount: RawBuilder<unknown>) =>
  sql`cast(sum(case when ${condition} then ${amount} else 0 end) as bigint)`

/** The queries of `StatisticsParts`, in the order of its members, and whether there was any attempt. */
export function statisticsQueries(upstream: string, span: StepSpan): Array<RawBuilder<unknown>> {
  const { from, to } = span
  const ms = sql.lit(stepMs[span.step])
  const at = sql`from attempts where upstream = ${upstream}`
  const within = (instant: RawBuilder<unknown>) => sql`${instant} >= ${from} and ${instant} < ${to}`
  const timed = Object.entries(phaseColumns).map(
    ([
      phase,
      [column, instant],
    ]) => sql`select ${sql.lit(phase)} as phase, ${instant} / ${ms} as step, ${column} as ms
      ${at} and ${within(instant)} and ${column} is not null`,
  )
  return [
    sql`select ${sentAt} / ${ms} as step, count(*) as n ${at} and ${within(sentAt)} group by 1`,
    sql`select ended_at / ${ms} as step, state, failure_code as "failureCode", count(*) as n,
      ${count(sql`${sentAt} is not null`)} as sent, ${total(settled, sql`cost_micros`)} as "costMicros",
      ${total(sql`${settled} and delivered = 0`, sql`cost_micros`)} as "unusedMicros"
      ${at} and ${within(sql`ended_at`)} group by 1, 2, 3`,
    quantiles(sql.join(timed, sql` union all `)),
    sql`select hour * ${sql.lit(stepMs.hour)} / ${ms} as step, operation, cast(sum(openings) as bigint) as n
      from breaker_openings where upstream = ${upstream}
      and hour >= ${from / stepMs.hour} and hour < ${to / stepMs.hour} group by 1, 2`,
    sql`select ${sentAt} / ${ms} as step, ${count(sql`not (${lost})`)} as "inFlight", ${count(lost)} as lost
      ${at} and ended_at is null and ${sentAt} is not null group by 1`,
    sql`select (select count(*) ${at} and ${sentAt} >= ${to}) as creates,
      (select count(*) ${at} and ended_at >= ${to} and ${sentAt} is not null) as ends,
      exists (select 1 ${at}) as "isKnown"`,
  ]
}

const ranked = (percent: number) =>
  sql`max(case when place = (n * ${sql.lit(percent)} + 99) / 100 then ms end)`

/** Exact: the smallest time that at least so many percent of all were not above. */
function quantiles(timed: RawBuilder<unknown>) {
  const alike = sql`partition by phase, step`
  return sql`select phase, step, ${ranked(50)} as p50, ${ranked(95)} as p95 from (
    select phase, step, ms, row_number() over (${alike} order by ms) as place, count(*) over (${alike}) as n
    from (${timed}) timed) ranked group by phase, step`
}
