import type { Attempt, Generation } from '../generation/generation.ts'
import type { finalStatuses, LogEntry, LogEntryType } from '../generation/history.ts'
import type { Sample } from './metric-catalogue.ts'
import { otherValue } from './metric.ts'

type Counted = (generation: Generation, entry: LogEntry) => Sample[]

/** An end is counted by its outcome. */
const ended = (outcome: (typeof finalStatuses)[number]): Sample => ({
  name: 'understudy_generations_ended_total',
  labels: { outcome },
  value: 1,
})

/** What is counted, by the event that tells of it. The other events are in no metric. */
const counted: Partial<Record<LogEntryType, Counted>> = {
  'generation.queued': () => [{ name: 'understudy_generations_accepted_total', labels: {}, value: 1 }],
  'generation.completed': () => [ended('completed')],
  'generation.cancelled': () => [ended('cancelled')],
  'generation.failed': ({ error }) => [
    ended('failed'),
    { name: 'understudy_generations_failed_total', labels: { code: error?.code ?? otherValue }, value: 1 },
  ],
  'generation.late_video': ofAttempt(({ upstream }) => [
    { name: 'understudy_late_videos_total', labels: { upstream }, value: 1 },
  ]),
  'attempt.started': ofAttempt(fallbackTo),
  'attempt.archiving': ofAttempt(renderTime),
  'attempt.settled': ofAttempt(renderTime),
  'attempt.succeeded': ofAttempt(costOf),
  'attempt.failed': ofAttempt(costOf),
}

/** What a stored event of a generation adds to the metrics. `generation`: as it was stored with the event. */
export function samplesOf(generation: Generation, entry: LogEntry): Sample[] {
  return counted[entry.type]?.(generation, entry) ?? []
}

function ofAttempt(
  samples: (attempt: Attempt, generation: Generation, entry: LogEntry) => Sample[],
): Counted {
  return (generation, entry) => {
    const attempt = generation.attempts.find(({ id }) => id === entry.data['attempt'])
    return attempt === undefined ? [] : samples(attempt, generation, entry)
  }
}

/** Another try at the same upstream is no fallback. */
function fallbackTo({ id, upstream }: Attempt, { attempts }: Generation): Sample[] {
  const before = attempts[attempts.findIndex((attempt) => attempt.id === id) - 1]
  if (before === undefined || before.upstream === upstream) return []
  return [
    { name: 'understudy_fallbacks_total', labels: { reason: before.failure?.code ?? otherValue }, value: 1 },
  ]
}

function renderTime({ upstream, acceptedAt }: Attempt, _generation: Generation, { at }: LogEntry): Sample[] {
  if (acceptedAt === null) return []
  return [
    {
      name: 'understudy_render_duration_seconds',
      labels: { upstream },
      value: Math.max(0, at - acceptedAt) / 1000,
    },
  ]
}

/**
 * Counted at the end of an attempt. What a person corrects after that is not: a counter never becomes less. A job that turned up after it was resolved as not taken ends
 * once more: a cost that was reported by the operator is counted already.
 */
function costOf({ upstream, costState, costMicros, delivered, resolution }: Attempt): Sample[] {
  if (costState !== 'settled' || costMicros === 0 || resolution?.contradiction?.wasCharged === true) return []
  const usd = costMicros / 1e6
  const settled: Sample = { name: 'understudy_settled_cost_usd_total', labels: { upstream }, value: usd }
  return delivered
    ? [settled]
    : [settled, { name: 'understudy_paid_without_video_usd_total', labels: { upstream }, value: usd }]
}
