import { noUsage } from '../../src/gateway/services/usage/fill-usage.ts'
import * as fc from 'fast-check'
import { sql } from 'kysely'
import type { Test } from 'tap'
import { monthStart } from '../../src/gateway/domain/accounts/client.ts'
import type { Attempt, Generation } from '../../src/gateway/domain/generation/generation.ts'
import { toGenerationDto } from '../../src/gateway/http/schemas/generations/generation.ts'
import type { UsageFigures, UsageQuery, UsageRow } from '../../src/gateway/ports/generations/usage-reports.ts'
import type { Database } from '../../src/gateway/storage/engine/database.ts'
import { createReadKeyFigures } from '../../src/gateway/storage/ledger/read-key-figures.ts'
import { createUsageSums } from '../../src/gateway/storage/ledger/usage/usage-sums.ts'
import { createGenerationStore } from '../../src/gateway/storage/generations/generation-store.ts'
import { coffeeGirl, oldMan, T0 } from '../domain/builders.ts'
import { moves, newPlay, playMove, routings } from '../domain/lifecycle-play.ts'
import type { Move } from '../domain/lifecycle-play.ts'
import { attemptId, generationId } from '../fixtures/generation.ts'

const unlimited = { monthStart: 0, monthlyBudgetMicros: null, maxInFlight: null }
const everything: UsageQuery = {
  tenant: null,
  from: 0,
  // A whole number of days, so that the running totals answer.
  to: 100_000 * 86_400_000,
  groupBy: [],
  limit: 10_000,
}
const dimensions = ['tenant', 'key', 'upstream', 'kind', 'model', 'character', 'day'] as const

const hour = 3_600_000

/** One generation's life, under which key, and whether its record is removed in the end. */
interface Life {
  routing: Parameters<typeof newPlay>[0]
  moves: Move[]
  tenant: string
  key: string
  characters: number
  prices: number[]
  removed: boolean
}

const life: fc.Arbitrary<Life> = fc.record({
  routing: routings,
  moves: moves(30),
  tenant: fc.constantFrom('studio', 'bank'),
  key: fc.constantFrom('a', 'b'),
  characters: fc.integer({ min: 0, max: 2 }),
  prices: fc.array(fc.integer({ min: 0, max: 3_000_000 }), { minLength: 1, maxLength: 3 }),
  removed: fc.boolean(),
})

/** Of a report, in hours: some around no midnight, some around several. */
const bounds = fc
  .tuple(fc.integer({ min: -30, max: 40 }), fc.integer({ min: 1, max: 90 }))
  .map(([from, length]): [number, number] => [from, from + length])

/** The states a generation goes through, with ids and prices of its own. */
function statesOf({ routing, moves, tenant, key, characters, prices }: Life, number: number): Generation[] {
  const play = newPlay(routing)
  for (const move of moves) if (!playMove(play, move)) break
  const priceOf = (nth: number): number => prices[nth % prices.length] ?? 0
  const own = (attempt: Attempt, nth: number): Attempt => ({
    ...attempt,
    id: attemptId(number * 100 + nth),
    // Attempts of one generation on several days.
    startedAt: attempt.startedAt + nth * 16 * hour + number * 5 * hour,
    reservedMicros: priceOf(nth),
    costMicros: attempt.costMicros > 0 ? priceOf(nth) : 0,
    // Said with an answer about the job, by every other vendor.
    vendorCostMicros: attempt.acceptedAt !== null && nth % 2 === 0 ? priceOf(nth + 1) : null,
    // Every fourth one is settled by it.
    ...(attempt.acceptedAt !== null &&
      attempt.costState === 'settled' &&
      nth % 4 === 0 && {
        costMicros: priceOf(nth + 1),
        costSource: 'vendor' as const,
        listMicros: priceOf(nth),
      }),
    baseline: { cheapestMicros: Math.min(...prices), officialMicros: Math.max(...prices) },
  })
  return [play.seen[0]?.before ?? play.generation, ...play.seen.map(({ after }) => after)].map((state) => ({
    ...state,
    id: generationId(number),
    tenant,
    key,
    request: { ...state.request, characters: [oldMan, coffeeGirl].slice(0, characters) },
    attempts: state.attempts.map(own),
  }))
}

const micros = (usd: number): number => Math.round(usd * 1e6)

function sum(all: UsageFigures[]): UsageFigures {
  const of = (name: keyof UsageFigures): number => all.reduce((total, one) => total + one[name], 0)
  return {
    attempts: of('attempts'),
    generations: of('generations'),
    videos: of('videos'),
    costMicros: of('costMicros'),
    reservedMicros: of('reservedMicros'),
    unknownMicros: of('unknownMicros'),
    unusedMicros: of('unusedMicros'),
    premiumMicros: of('premiumMicros'),
    officialMicros: of('officialMicros'),
    vendorAttempts: of('vendorAttempts'),
    vendorMicros: of('vendorMicros'),
    vendorComputedMicros: of('vendorComputedMicros'),
  }
}

/** The same figures by the words of their definitions, one attempt at a time. */
function figuresOf(attempt: Attempt): UsageFigures {
  const { costState, costMicros, state, delivered, baseline, reservedMicros } = attempt
  const cost = costState === 'settled' ? costMicros : 0
  const reserved = costState === 'settled' ? 0 : reservedMicros
  const compared = costState === 'settled' && attempt.vendorCostMicros !== null
  const over = state === 'succeeded' || state === 'failed'
  return {
    ...noUsage,
    attempts: 1,
    videos: delivered ? 1 : 0,
    costMicros: cost,
    reservedMicros: reserved,
    unknownMicros: over || state === 'unknown' || state === 'abandoned' ? reserved : 0,
    unusedMicros: over && !delivered ? cost : 0,
    premiumMicros: Math.max(0, cost - (baseline?.cheapestMicros ?? cost)),
    officialMicros: delivered ? (baseline?.officialMicros ?? 0) : 0,
    vendorAttempts: compared ? 1 : 0,
    vendorMicros: compared ? (attempt.vendorCostMicros ?? 0) : 0,
    vendorComputedMicros: compared ? (attempt.listMicros ?? cost) : 0,
  }
}

function figuresIn(row: UsageRow): UsageFigures {
  const {
    tenant: _t,
    key: _k,
    upstream: _u,
    kind: _i,
    model: _m,
    characters: _c,
    day: _d,
    hour: _h,
    ...figures
  } = row
  return figures
}

/** `open` makes an empty database. `differences`: queries of the number of totals that differ from the attempts. */
export function usageProperty(
  t: Test,
  { open, differences, numRuns }: { open: () => Promise<Database>; differences: string[]; numRuns: number },
): void {
  t.test(
    'attempts, generations and the report of usage come to the same, whatever happened and was removed',
    async (t) => {
      await fc.assert(
        fc.asyncProperty(fc.array(life, { minLength: 1, maxLength: 5 }), bounds, async (lives, hours) => {
          await using database = await open()
          const store = createGenerationStore(database)
          const uncounted = { usable: true, reportable: false, catchUp: async () => 0 }
          const fromAttempts = createUsageSums({ ...database, totals: uncounted })
          const kept: Generation[] = []
          for (const [number, each] of lives.entries()) {
            const [first, ...later] = statesOf(each, number + 1)
            await store.insert(first!, { entries: [], idempotency: null, limits: unlimited })
            for (const [index, state] of later.entries())
              await store.save(state, { version: index + 1, entries: [], lease: null })
            kept.push(later.at(-1) ?? first!)
          }
          for (const [number, { removed }] of lives.entries())
            if (removed) await store.remove(kept[number]!.id)

          const attempts = kept.flatMap((generation) => generation.attempts)
          const expected = {
            ...sum(attempts.map(figuresOf)),
            generations: kept.filter((generation) => generation.attempts.length > 0).length,
          }
          const report = await store.usage({ ...everything, groupBy: dimensions })
          for (const groupBy of [
            [],
            dimensions,
            ['upstream'],
            ['day', 'key'],
            ['kind', 'character'],
          ] as const) {
            const fromTotals = await store.usage({ ...everything, groupBy })
            t.strictSame(
              fromTotals,
              await fromAttempts({ ...everything, groupBy }),
              'the totals say what the attempts say',
            )
            const part = { ...everything, from: T0 + hours[0] * hour, to: T0 + hours[1] * hour, groupBy }
            t.strictSame(
              await store.usage(part),
              await fromAttempts(part),
              'and so they do with the parts of days before and after them',
            )
          }
          const part = { ...everything, from: T0 + hours[0] * hour, to: T0 + hours[1] * hour }
          const within = attempts.filter(({ startedAt }) => startedAt >= part.from && startedAt < part.to)
          const byHour = Map.groupBy(within, ({ startedAt }) => Math.floor(startedAt / hour) * hour)
          const hourly = await store.usage({ ...part, groupBy: ['hour'] })
          t.strictSame(
            hourly.rows.map((row) => [row.hour, { ...figuresIn(row), generations: 0 }]),
            [...byHour].toSorted(([a], [b]) => a - b).map(([at, of]) => [at, sum(of.map(figuresOf))]),
            'each hour has the attempts that started in it',
          )
          t.strictSame(hourly.totals, (await fromAttempts(part)).totals)
          for (const query of differences) {
            t.equal((await sql.raw<{ n: number }>(query).execute(database.read)).rows[0]?.n, 0)
          }
          const added = sum(report.rows.map(figuresIn))
          t.strictSame(report.totals, expected, 'each figure is what it says')
          t.strictSame({ ...added, generations: 0 }, { ...expected, generations: 0 }, 'rows add up')

          const shown = kept.map((each) => toGenerationDto(each))
          const costs = shown.reduce((total, { cost_usd: usd }) => total + micros(usd), 0)
          const reserved = shown.reduce((total, { reserved_cost_usd: usd }) => total + micros(usd), 0)
          t.equal(costs, report.totals.costMicros, 'generations come to the same')
          t.equal(reserved, report.totals.reservedMicros)

          const figures = createReadKeyFigures(database)
          const counted = createReadKeyFigures({
            ...database,
            totals: { ...uncounted, usable: false },
          })
          for (const tenant of ['studio', 'bank']) {
            for (const key of ['a', 'b']) {
              const month = { tenant, key, monthStart: monthStart(T0) }
              const { spentMicros, reservedMicros, inFlight } = await figures(month)
              t.strictSame(await counted(month), { spentMicros, reservedMicros, inFlight })
              const committed = await store.committedMicros(tenant, key, month.monthStart)
              t.equal(spentMicros + reservedMicros, committed, 'which is what counts against the budget')
            }
            const own = kept.filter((generation) => generation.tenant === tenant)
            const ownSum = sum(own.flatMap((generation) => generation.attempts).map(figuresOf))
            const { totals } = await store.usage({ ...everything, tenant })
            t.strictSame({ ...totals, generations: 0 }, ownSum, 'of each tenant too')
          }
        }),
        { numRuns },
      )
    },
  )
}
