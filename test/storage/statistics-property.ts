import * as fc from 'fast-check'
import type { Test } from 'tap'
import type { Attempt, Generation } from '../../src/gateway/domain/generation/generation.ts'
import { lostStates, statisticsOf } from '../../src/gateway/domain/statistics/statistics.ts'
import type { Quantiles, StatisticsRow } from '../../src/gateway/domain/statistics/statistics.ts'
import { roundedMs } from '../../src/gateway/domain/statistics/phases.ts'
import { spanOfSteps, stepMs } from '../../src/gateway/domain/statistics/steps.ts'
import type { Database } from '../../src/gateway/storage/engine/database.ts'
import { createGenerationStore } from '../../src/gateway/storage/generations/generation-store.ts'
import { createStatisticsStore } from '../../src/gateway/storage/statistics/statistics-store.ts'
import { T0 } from '../domain/builders.ts'
import { moves, newPlay, playMove, routings } from '../domain/lifecycle-play.ts'
import type { Move } from '../domain/lifecycle-play.ts'
import { attemptId, generationId } from '../fixtures/generation.ts'

const hour = 3_600_000
const unlimited = { monthStart: 0, monthlyBudgetMicros: null, maxInFlight: null }

interface Life {
  routing: Parameters<typeof newPlay>[0]
  moves: Move[]
  /** In ms, after the others. */
  startsAfter: number
  /** How much longer than in the story everything takes. */
  stretch: number
  removed: boolean
}

const life: fc.Arbitrary<Life> = fc.record({
  routing: routings,
  moves: moves(30),
  startsAfter: fc.integer({ min: 0, max: 40 * hour }),
  stretch: fc.integer({ min: 1, max: 60 }),
  removed: fc.boolean(),
})

/** The states of a life, later and slower than it was played, with ids of its own. */
function statesOf({ routing, moves: played, startsAfter, stretch }: Life, number: number): Generation[] {
  const play = newPlay(routing)
  for (const move of played) if (!playMove(play, move)) break
  const moved = (instant: number): number => T0 + startsAfter + (instant - T0) * stretch
  const movedOrNull = (instant: number | null | undefined): number | null =>
    instant == null ? null : moved(instant)
  return [play.seen[0]?.before ?? play.generation, ...play.seen.map(({ after }) => after)].map(
    (generation) => ({
      ...generation,
      id: generationId(number),
      createdAt: moved(generation.createdAt),
      attempts: generation.attempts.map((attempt, nth) => ({
        ...attempt,
        id: attemptId(number * 100 + nth),
        startedAt: moved(attempt.startedAt),
        submittedAt: movedOrNull(attempt.submittedAt),
        acceptedAt: movedOrNull(attempt.acceptedAt),
        renderedAt: movedOrNull(attempt.renderedAt),
        endedAt: movedOrNull(attempt.endedAt),
      })),
    }),
  )
}

function cost(of: Attempt[]): number {
  return of.reduce((sum, { costMicros }) => sum + costMicros, 0)
}

/** By nearest rank. */
function rank(sorted: number[], percent: number): number | null {
  return sorted[Math.ceil((sorted.length * percent) / 100) - 1] ?? null
}

function quantilesOf(times: Array<number | null>): Quantiles {
  const sorted = times
    .filter((each) => each !== null)
    .map(roundedMs)
    .toSorted((a, b) => a - b)
  return { p50: rank(sorted, 50), p95: rank(sorted, 95) }
}

/** The same row by the words of its definition, from the generations themselves. */
function naiveRow(
  generations: Generation[],
  upstreams: readonly string[],
  at: number,
  ms: number,
): StatisticsRow {
  const isIn = (instant: number | null | undefined) => instant != null && instant >= at && instant < at + ms
  const attempts = generations.flatMap((generation) =>
    generation.attempts.map((attempt, nth) => ({
      attempt,
      generation,
      before: generation.attempts[nth - 1],
    })),
  )
  const here = attempts.filter(({ attempt }) => upstreams.includes(attempt.upstream))
  const sent = here.filter(({ attempt }) => isIn(attempt.submittedAt))
  const ended = here.map(({ attempt }) => attempt).filter(({ endedAt }) => isIn(endedAt))
  const failed = ended.filter(({ state }) => state === 'failed')
  const paid = ended.filter(({ costState }) => costState === 'settled')
  const failures: Record<string, number> = {}
  for (const { failure } of failed) failures[failure?.code ?? ''] = (failures[failure?.code ?? ''] ?? 0) + 1
  return {
    at,
    creates: sent.length,
    succeeded: ended.length - failed.length,
    failed: failed.length,
    failures,
    times: {
      queue: quantilesOf(
        sent.map(({ attempt, generation, before }) =>
          Math.max(
            0,
            (attempt.submittedAt ?? 0) -
              (before === undefined ? generation.createdAt : (before.endedAt ?? attempt.startedAt)),
          ),
        ),
      ),
      render: quantilesOf(
        ended.map(({ renderedAt, submittedAt }) =>
          renderedAt == null || submittedAt === null ? null : Math.max(0, renderedAt - submittedAt),
        ),
      ),
      download: quantilesOf(
        ended.map(({ renderedAt, endedAt, delivered }) =>
          renderedAt == null || endedAt === null || !delivered ? null : endedAt - renderedAt,
        ),
      ),
    },
    costMicros: cost(paid),
    unusedMicros: cost(paid.filter(({ delivered }) => !delivered)),
    openings: { create: 0, poll: 0, fetch: 0, character: 0 },
    inFlight: here.filter(
      ({ attempt: { submittedAt, endedAt, state } }) =>
        submittedAt !== null &&
        submittedAt < at + ms &&
        (endedAt === null ? !lostStates.includes(state) : endedAt >= at + ms),
    ).length,
  }
}

/** `open` makes an empty database. */
export function statisticsProperty(t: Test, open: () => Promise<Database>, numRuns: number): void {
  t.test('statistics of any history are what counting its attempts one by one gives', async (t) => {
    const seen = { sent: 0, timed: 0, inFlight: 0, failed: 0 }
    await fc.assert(
      fc.asyncProperty(
        fc.array(life, { minLength: 1, maxLength: 12 }),
        fc.constantFrom('hour' as const, 'day' as const),
        fc.tuple(fc.integer({ min: -10, max: 30 }), fc.integer({ min: 1, max: 60 })),
        async (lives, step, [first, length]) => {
          await using database = await open()
          const store = createGenerationStore(database)
          const generations: Generation[] = []
          for (const [number, each] of lives.entries()) {
            const [first, ...later] = statesOf(each, number + 1)
            if (first === undefined) throw new Error('a life has a beginning')
            await store.insert(first, { entries: [], idempotency: null, limits: unlimited })
            for (const [index, state] of later.entries())
              await store.save(state, { version: index + 1, entries: [], lease: null })
            generations.push(later.at(-1) ?? first)
          }
          for (const [number, { removed }] of lives.entries())
            if (removed && generations[number] !== undefined) await store.remove(generations[number].id)
          const upstreams = new Set(
            generations.flatMap(({ attempts }) => attempts.map((each) => each.upstream)),
          )
          const from = T0 + first * hour
          const span = spanOfSteps({ from, to: from + length * hour, step }, T0 + 1000 * hour)
          if (span === null) throw new Error('there is a span')
          const asked = [...upstreams].map((upstream) => [upstream])
          for (const some of upstreams.size > 1 ? [...asked, [...upstreams]] : asked) {
            const parts = await createStatisticsStore(database).read(some, span)
            if (parts === null) throw new Error(`${some.join(', ')} had an attempt`)
            const rows = statisticsOf(parts, span)
            const steps = Array.from(
              { length: (span.to - span.from) / stepMs[step] },
              (_, nth) => span.from + nth * stepMs[step],
            )
            t.strictSame(
              rows,
              steps.map((at) => naiveRow(generations, some, at, stepMs[step])),
            )
            for (const row of rows) {
              seen.sent += row.creates
              seen.timed += row.times.download.p95 === null ? 0 : 1
              seen.inFlight += row.inFlight
              seen.failed += row.failed
            }
          }
        },
      ),
      { numRuns },
    )
    // Some is rare: a few runs may be without.
    if (numRuns >= 40) for (const [name, count] of Object.entries(seen)) t.ok(count > 0, `${name}: ${count}`)
  })
}
