import { createsPerMinuteRate, pollsPerSecondRate } from '../../../src/gateway/domain/scheduling/call-rate.ts'
import type { CallRate } from '../../../src/gateway/domain/scheduling/call-rate.ts'
import type { SimulatedCall } from '../../../src/simulator/simulator.ts'
import { micros } from '../case.ts'
import type { Case, Render } from '../case.ts'

/** The limits of the fleet in its configuration. */
export interface FleetLimits {
  inFlight: { upstream: string; most: number }
  creates: { upstream: string; perMinute: number }
  polls: { upstream: string; perSecond: number }
  budget: { key: Case['key']; usd: number }
}

/** One limit: the most that was counted, and the most that it allows there. */
export interface Counted {
  limit: string
  most: number
  allowed: number
}

/**
 * A call is counted by the gateway before its commit, its connection and its way through a busy machine, and by the
 * vendor after them. Calls that left over this time may arrive together.
 */
const journeyMs = 2000
const windowsMs = [1000, 10_000, 60_000]

export const isExceeded = ({ most, allowed }: Counted): boolean => most > allowed

/** The most calls within any window of this length. `times` are sorted. */
export function mostWithin(times: readonly number[], windowMs: number): number {
  let first = 0
  let most = 0
  for (const [index, time] of times.entries()) {
    while (time - (times[first] ?? time) > windowMs) first += 1
    most = Math.max(most, index - first + 1)
  }
  return most
}

/** The most intervals that overlap. What ends when another begins does not overlap with it. */
export function mostAtOnce(intervals: ReadonlyArray<readonly [from: number, until: number]>): number {
  const steps = intervals
    .flatMap(([from, until]) => (until > from ? [[from, 1] as const, [until, -1] as const] : []))
    .toSorted(([a, rise], [b, fall]) => a - b || rise - fall)
  let now = 0
  let most = 0
  for (const [, step] of steps) most = Math.max(most, (now += step))
  return most
}

/** By the pacing rule: a burst, and then one call per interval. */
export function allowedWithin({ burst, intervalMs }: CallRate, windowMs: number): number {
  return burst + Math.floor((windowMs + journeyMs) / intervalMs)
}

function countRate(what: string, rate: CallRate, times: readonly number[]): Counted[] {
  return windowsMs.map((windowMs) => ({
    limit: `${what} within ${windowMs / 1000} s`,
    most: mostWithin(times, windowMs),
    allowed: allowedWithin(rate, windowMs),
  }))
}

/** When the gateway gave a job up that the vendor went on with; its slot is free from then on. */
const freesSlot = new Set(['attempt.abandoned', 'attempt.failed'])

function flightOf(render: Render, { generation, events }: Case): [number, number] {
  const attempt = generation.attempts.find(({ upstream_id: id }) => id === render.id)
  const given = events?.find(({ type, attempt: id }) => freesSlot.has(type) && id === attempt?.id)
  const known = attempt === undefined ? events?.at(-1) : given
  return [
    render.createdAt,
    Math.min(render.endedAt ?? Infinity, known === undefined ? Infinity : Date.parse(known.at)),
  ]
}

/** Everything as the vendors counted it until some time: their jobs, their requests, their bills. */
export function countLimits(
  { inFlight, creates, polls, budget }: FleetLimits,
  { calls, cases, until }: { calls: readonly SimulatedCall[]; cases: readonly Case[]; until: number },
): Counted[] {
  const timesOf = (upstream: string, operation: string): number[] =>
    calls
      .filter((call) => call.upstream === upstream && call.operation === operation && call.at <= until)
      .map(({ at }) => at)
      .toSorted((a, b) => a - b)
  const flights = cases.flatMap((each) =>
    each.renders
      .filter(({ upstream, createdAt }) => upstream === inFlight.upstream && createdAt <= until)
      .map((render) => flightOf(render, each)),
  )
  const own = cases.filter(({ key }) => key === budget.key)
  const spent = own.reduce(
    (sum, { generation: { attempts } }) =>
      sum + attempts.reduce((part, each) => part + micros(each.cost_usd), 0),
    0,
  )
  const billed = own.reduce(
    (sum, { renders }) => sum + renders.reduce((part, each) => part + micros(each.billedUsd), 0),
    0,
  )
  return [
    { limit: `jobs at once of ${inFlight.upstream}`, most: mostAtOnce(flights), allowed: inFlight.most },
    ...countRate(
      `creates of ${creates.upstream}`,
      createsPerMinuteRate(creates.perMinute),
      timesOf(creates.upstream, 'create'),
    ),
    ...countRate(
      `polls of ${polls.upstream}`,
      pollsPerSecondRate(polls.perSecond),
      timesOf(polls.upstream, 'poll'),
    ),
    { limit: `budget of ${budget.key}: settled and reserved, $`, most: spent / 1e6, allowed: budget.usd },
    { limit: `budget of ${budget.key}: billed, $`, most: billed / 1e6, allowed: budget.usd },
  ]
}
