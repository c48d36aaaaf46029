import { CompiledQuery } from 'kysely'
import t from 'tap'
import type { Test } from 'tap'
import { z } from 'zod'
import { statisticsOf } from '../../src/gateway/domain/statistics/statistics.ts'
import { countsKeptMs, spanOfSteps } from '../../src/gateway/domain/statistics/steps.ts'
import type { StepSpan } from '../../src/gateway/domain/statistics/steps.ts'
import { openDatabase } from '../../src/gateway/storage/engine/database.ts'
import { createGenerationStore } from '../../src/gateway/storage/generations/generation-store.ts'
import { acceptedQuery, statisticsQueries } from '../../src/gateway/storage/statistics/statistics-queries.ts'
import { createStatisticsStore } from '../../src/gateway/storage/statistics/statistics-store.ts'
import { aGeneration, anAttempt, START } from '../fixtures/generation.ts'

const hour = 3_600_000
const day = 24 * hour

function lastHours(count: number, now = START): StepSpan {
  const span = spanOfSteps({ from: now - (count - 1) * hour, to: null, step: 'hour' }, now)
  if (span === null) throw new Error('there is a span')
  return span
}

async function opened(t: Test) {
  const database = await openDatabase({ file: ':memory:' })
  t.teardown(() => database.close())
  const store = createGenerationStore(database)
  const attempt = anAttempt({
    state: 'succeeded',
    submittedAt: START,
    renderedAt: START + 5000,
    endedAt: START + 5010,
    delivered: true,
  })
  await store.insert(aGeneration({ createdAt: START, attempts: [attempt] }), {
    entries: [],
    idempotency: null,
    limits: { monthStart: 0, monthlyBudgetMicros: null, maxInFlight: null },
  })
  return { database, statistics: createStatisticsStore(database), upstream: attempt.upstream }
}

t.test('statistics find the attempts of their upstream and time by an index', async (t) => {
  const { database, upstream } = await opened(t)
  for (const each of [
    ...statisticsQueries([upstream, 'another'], lastHours(24)),
    acceptedQuery(lastHours(24)),
  ]) {
    const { sql, parameters } = each.compile(database.read)
    const asked = CompiledQuery.raw(`explain query plan ${sql}`, [...parameters])
    const { rows } = await database.read.executeQuery(asked)
    const plan = rows.map((row) => z.object({ detail: z.string() }).parse(row).detail)
    t.ok(plan.length > 0)
    t.strictSame(
      plan.filter((detail) => /^SCAN (attempts|attempt_times|breaker_openings|generations)\b/.test(detail)),
      [],
      sql,
    )
  }
})

t.test('openings of breakers are counted by upstream, operation and hour', async (t) => {
  const { statistics, upstream } = await opened(t)
  for (const [id, operation, at] of [
    [upstream, 'create', START],
    [upstream, 'create', START],
    [upstream, 'poll', START],
    [upstream, 'create', START - hour],
    [upstream, 'create', START - 9 * hour],
    ['another', 'create', START],
  ] as const)
    await statistics.countOpening(id, operation, at)
  const span = lastHours(3)
  const parts = await statistics.read([upstream], span)
  t.same(parts && statisticsOf(parts, span).map(({ openings }) => [openings.create, openings.poll]), [
    [0, 0],
    [1, 0],
    [2, 1],
  ])
  t.equal(await statistics.read(['another'], span), null, 'an upstream without an attempt is not known')
})

t.test('counts that can no longer be asked for are removed, a few at a time', async (t) => {
  const { database, statistics, upstream } = await opened(t)
  const now = START + countsKeptMs
  await statistics.countOpening(upstream, 'create', START - day)
  await statistics.countOpening(upstream, 'poll', START - day)
  await statistics.countOpening(upstream, 'create', now)
  const left = async () => ({
    openings: (await database.read.selectFrom('breaker_openings').selectAll().execute()).length,
    times: (await database.read.selectFrom('attempt_times').selectAll().execute()).length,
  })
  t.same(await left(), { openings: 3, times: 3 })
  t.equal(await statistics.prune(START, 1), 1)
  t.equal(await statistics.prune(START, 100), 1, 'those of the hour itself stay')
  t.same(await left(), { openings: 1, times: 3 })
  t.equal(await statistics.prune(START + 2 * hour, 100), 3)
  t.same(await left(), { openings: 1, times: 0 })
})
