import { z } from 'zod'
import { failureCodes } from '../../../domain/generation/failure.ts'
import type { Quantiles, StatisticsRow } from '../../../domain/statistics/statistics.ts'
import { statisticsSteps } from '../../../domain/statistics/steps.ts'
import type { OverallStatistics, UpstreamStatistics } from '../../../services/statistics/statistics.ts'
import { timestamp, toTimestamp, toTimestampOrNull, toUsd, usd } from '../fields.ts'

export const statisticsStep = z.enum(statisticsSteps)

const quantiles = z.object({ p50: z.number().nullable(), p95: z.number().nullable() }).meta({
  id: 'Quantiles',
  description: 'In seconds, by nearest rank, at most 1.6 % off. Null if nothing was measured.',
})

const figures = {
  at: timestamp.meta({ description: 'The start of the step.' }),
  creates: z.int().meta({ description: 'Creates that were sent in the step.' }),
  succeeded: z.int().meta({ description: 'Attempts that ended in the step with a video.' }),
  failed: z.int().meta({ description: 'Attempts that ended in the step without one.' }),
  failures: z.record(z.string(), z.int()).meta({
    description: `\`failed\` by the code of the failure: ${failureCodes.join(', ')}.`,
  }),
  queue_seconds: quantiles.meta({
    description:
      'From the acceptance of a request, or the end of the attempt before, to its create. Of creates in the step.',
  }),
  render_seconds: quantiles.meta({
    description: 'From the create until the video was ready. Of attempts that ended in the step.',
  }),
  download_seconds: quantiles.meta({
    description: 'From then until the video was archived. Of attempts that ended in the step.',
  }),
  cost_usd: usd.meta({ description: 'The settled cost of attempts that ended in the step.' }),
  unused_cost_usd: usd.meta({
    description: 'The part of `cost_usd` for attempts that delivered no video.',
  }),
  breaker_openings: z.object({ create: z.int(), poll: z.int(), fetch: z.int(), character: z.int() }).meta({
    id: 'BreakerOpenings',
    description: 'How often a closed breaker opened. A failed trial request is not counted again.',
  }),
  in_flight: z.int().meta({
    description:
      'Creates that were sent and had not ended at the end of the step, or now. Attempts that are `unknown` or `abandoned` now are not counted.',
  }),
}

const StatisticsRowDto = z
  .object(figures)
  .meta({ id: 'UpstreamStatisticsRow', description: 'What happened at an upstream in one step.' })

const OverallRowDto = z
  .object({
    ...figures,
    accepted: z.int().meta({
      description: 'Generations that were accepted in the step, without those that were removed since.',
    }),
  })
  .meta({ id: 'StatisticsRow', description: 'What happened in one step.' })

const span = {
  step: statisticsStep,
  from: timestamp.meta({ description: 'The start of the first step.' }),
  to: timestamp.meta({ description: 'The end of the last step.' }),
  complete_since: timestamp.nullable().meta({
    description:
      'Attempts of removed generations are kept since then: see `retention.attempts_days`. Null means that all are kept.',
  }),
}
const everyStep = 'Every step, in order, also if it is empty.'

const exampleRow = {
  at: '2026-11-22T15:00:00.000Z',
  creates: 42,
  succeeded: 36,
  failed: 3,
  failures: { overloaded: 2, refused: 1 },
  queue_seconds: { p50: 0.004, p95: 1.2 },
  render_seconds: { p50: 84.2, p95: 190.5 },
  download_seconds: { p50: 1.1, p95: 3.8 },
  cost_usd: 4.32,
  unused_cost_usd: 0,
  breaker_openings: { create: 1, poll: 0, fetch: 0, character: 0 },
  in_flight: 7,
}
const exampleSpan = {
  step: 'hour' as const,
  from: '2026-11-22T15:00:00.000Z',
  to: '2026-11-22T16:00:00.000Z',
  complete_since: null,
}

export const StatisticsDto = z
  .object({
    object: z.literal('statistics'),
    ...span,
    data: z.array(OverallRowDto).meta({ description: everyStep }),
  })
  .meta({
    id: 'Statistics',
    description: 'What happened at all configured upstreams together. Steps are whole hours or days in UTC.',
    examples: [{ object: 'statistics', ...exampleSpan, data: [{ ...exampleRow, accepted: 40 }] }],
  })
export type StatisticsDto = z.output<typeof StatisticsDto>

export const UpstreamStatisticsDto = z
  .object({
    object: z.literal('upstream_statistics'),
    upstream: z.string(),
    ...span,
    data: z.array(StatisticsRowDto).meta({ description: everyStep }),
  })
  .meta({
    id: 'UpstreamStatistics',
    description: 'What happened at an upstream, over time. Steps are whole hours or days in UTC.',
    examples: [{ object: 'upstream_statistics', upstream: 'reseller-a', ...exampleSpan, data: [exampleRow] }],
  })
export type UpstreamStatisticsDto = z.output<typeof UpstreamStatisticsDto>

export function toUpstreamStatisticsDto(found: UpstreamStatistics): UpstreamStatisticsDto {
  const { upstream, rows } = found
  return { object: 'upstream_statistics', upstream, ...toSpan(found), data: rows.map(toRow) }
}

export function toStatisticsDto(found: OverallStatistics): StatisticsDto {
  const data = found.rows.map((row) => ({ ...toRow(row), accepted: row.accepted }))
  return { object: 'statistics', ...toSpan(found), data }
}

function toSpan({ step, from, to, completeSince }: Omit<UpstreamStatistics, 'upstream' | 'rows'>) {
  return {
    step,
    from: toTimestamp(from),
    to: toTimestamp(to),
    complete_since: toTimestampOrNull(completeSince),
  }
}

function toRow(row: StatisticsRow): UpstreamStatisticsDto['data'][number] {
  const { at, creates, succeeded, failed, failures, times, costMicros, unusedMicros, openings, inFlight } =
    row
  return {
    at: toTimestamp(at),
    creates,
    succeeded,
    failed,
    failures,
    queue_seconds: toSeconds(times.queue),
    render_seconds: toSeconds(times.render),
    download_seconds: toSeconds(times.download),
    cost_usd: toUsd(costMicros),
    unused_cost_usd: toUsd(unusedMicros),
    breaker_openings: openings,
    in_flight: inFlight,
  }
}

function toSeconds({ p50, p95 }: Quantiles) {
  return { p50: p50 === null ? null : p50 / 1000, p95: p95 === null ? null : p95 / 1000 }
}
