import type { AttemptState } from '../generation/generation.ts'
import { operations } from '../routing/upstream.ts'
import type { Operation } from '../routing/upstream.ts'
import type { Phase } from './phases.ts'
import { stepMs } from './steps.ts'
import type { StepSpan } from './steps.ts'

/** By nearest rank, in ms; null where nothing was measured. */
export interface Quantiles {
  p50: number | null
  p95: number | null
}

/** What happened at one upstream in one step. */
export interface StatisticsRow {
  /** The start of the step, in ms since the epoch. */
  at: number
  /** Creates that were sent. */
  creates: number
  /** Attempts that ended with a video, and without one, by the code of their failure. */
  succeeded: number
  failed: number
  failures: Record<string, number>
  /** `queue`: of creates that were sent in the step; the others: of attempts that ended in it. */
  times: Record<Phase, Quantiles>
  /** The settled cost of attempts that ended, and the part of it for those that gave the caller no video. */
  costMicros: number
  unusedMicros: number
  /** How often a breaker opened that was closed before. */
  openings: Record<Operation, number>
  /** Creates that were sent and whose attempts had not ended at the end of the step. */
  inFlight: number
}

/** The number of a step, counted from 1970. The store answers with these. */
type StepNumber = number

/** Counts of one upstream as they come out of the store. */
export interface StatisticsParts {
  creates: Array<{ step: StepNumber; n: number }>
  ends: Array<{
    step: StepNumber
    state: string
    failureCode: string | null
    n: number
    /** Those of them whose create was sent. */
    sent: number
    costMicros: number
    unusedMicros: number
  }>
  times: Array<{ step: StepNumber; phase: Phase; p50: number; p95: number }>
  openings: Array<{ step: StepNumber; operation: string; n: number }>
  /** Attempts whose create was sent and that have not ended now, by the step of the create: also of before and after. */
  open: Array<{ step: StepNumber; inFlight: number; lost: number }>
  /** After the last step: creates that were sent, and ends of attempts whose create was. */
  later: { creates: number; ends: number }
}

/** Attempts of which nobody knows whether they have ended. They are not in flight. */
export const lostStates: readonly AttemptState[] = ['unknown', 'abandoned']

/** A row for every step, in order, also where nothing happened. */
export function statisticsOf(parts: StatisticsParts, span: StepSpan): StatisticsRow[] {
  const ms = stepMs[span.step]
  const rows = new Map<StepNumber, StatisticsRow>()
  for (let at = span.from; at < span.to; at += ms) rows.set(at / ms, emptyRow(at))
  for (const { step, n } of parts.creates) addTo(rows.get(step), (row) => (row.creates += n))
  for (const each of parts.ends) addTo(rows.get(each.step), (row) => addEnds(row, each))
  for (const { step, phase, p50, p95 } of parts.times)
    addTo(rows.get(step), (row) => (row.times[phase] = { p50, p95 }))
  for (const { step, operation, n } of parts.openings) {
    const known = operations.find((each) => each === operation)
    if (known !== undefined) addTo(rows.get(step), (row) => (row.openings[known] += n))
  }
  countInFlight([...rows.values()], parts, ms)
  return [...rows.values()]
}

function addTo(row: StatisticsRow | undefined, add: (row: StatisticsRow) => unknown): void {
  if (row !== undefined) add(row)
}

function addEnds(row: StatisticsRow, each: StatisticsParts['ends'][number]): void {
  row.costMicros += each.costMicros
  row.unusedMicros += each.unusedMicros
  if (each.state === 'succeeded') {
    row.succeeded += each.n
    return
  }
  row.failed += each.n
  const code = each.failureCode ?? 'unexplained'
  row.failures[code] = (row.failures[code] ?? 0) + each.n
}

/**
 * Counted back from now, since what has ended is not held in memory: in flight at an instant is what was sent before and is
 * open now, and what ended since, without what was sent since and has ended.
 */
function countInFlight(rows: readonly StatisticsRow[], parts: StatisticsParts, ms: number): void {
  const { ends, open, later } = parts
  const endsIn = new Map<StepNumber, number>()
  for (const { step, sent } of ends) endsIn.set(step, (endsIn.get(step) ?? 0) + sent)
  const openIn = new Map(open.map((each) => [each.step, each]))
  const lastStep = (rows.at(-1)?.at ?? 0) / ms
  const sentLater = open.filter(({ step }) => step > lastStep)
  let openThen = sum(open.filter(({ step }) => step <= lastStep).map(({ inFlight }) => inFlight))
  let endedSince = later.ends - (later.creates - sum(sentLater.map(({ inFlight, lost }) => inFlight + lost)))
  for (const row of rows.toReversed()) {
    row.inFlight = Math.max(0, openThen + endedSince)
    const step = row.at / ms
    const { inFlight = 0, lost = 0 } = openIn.get(step) ?? {}
    openThen -= inFlight
    endedSince += (endsIn.get(step) ?? 0) - (row.creates - inFlight - lost)
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0)
}

function emptyRow(at: number): StatisticsRow {
  const nothing: Quantiles = { p50: null, p95: null }
  return {
    at,
    creates: 0,
    succeeded: 0,
    failed: 0,
    failures: {},
    times: { queue: nothing, render: nothing, download: nothing },
    costMicros: 0,
    unusedMicros: 0,
    openings: { create: 0, poll: 0, fetch: 0, character: 0 },
    inFlight: 0,
  }
}
