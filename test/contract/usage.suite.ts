import { noUsage } from '../../src/gateway/services/usage/fill-usage.ts'
import type { Test } from 'tap'
import type { Attempt, Generation } from '../../src/gateway/domain/generation/generation.ts'
import type { GenerationStorage } from '../../src/gateway/ports/generations/generation-storage.ts'
import type { UsageQuery, UsageRow } from '../../src/gateway/ports/generations/usage-reports.ts'
import { aGeneration, aLogEntry, anAttempt, characterId, START } from '../fixtures/generation.ts'

const DAY = 24 * 3600_000
const unlimited = { monthStart: 0, monthlyBudgetMicros: null, maxInFlight: null }
const everything: UsageQuery = { tenant: null, from: 0, to: START * 2, groupBy: [], limit: 100 }

async function keep(store: GenerationStorage, attempts: Attempt[], more: Partial<Generation> = {}) {
  const generation = aGeneration({ ...more, attempts })
  await store.insert(generation, { entries: [aLogEntry()], idempotency: null, limits: unlimited })
  return generation
}

function paid(costMicros: number, more: Partial<Attempt> = {}): Attempt {
  return anAttempt({ state: 'succeeded', costState: 'settled', costMicros, delivered: true, ...more })
}

function failed(costMicros: number, more: Partial<Attempt> = {}): Attempt {
  return paid(costMicros, { state: 'failed', delivered: false, ...more })
}

async function rows(store: GenerationStorage, question: Partial<UsageQuery>): Promise<UsageRow[]> {
  return (await store.usage({ ...everything, ...question })).rows
}

/** What a report of usage is, whatever the engine. */
export function usageContract(t: Test, make: (t: Test) => Promise<GenerationStorage>): void {
  t.test('a report of nothing is all zero', async (t) => {
    const store = await make(t)
    t.same(await store.usage(everything), {
      rows: [
        {
          tenant: null,
          key: null,
          upstream: null,
          kind: null,
          model: null,
          characters: null,
          day: null,
          hour: null,
          ...noUsage,
        },
      ],
      totals: noUsage,
    })
    t.same((await store.usage({ ...everything, groupBy: ['key'] })).rows, [])
  })

  t.test('a report tells what was paid, reserved, of no use, and dearer than need be', async (t) => {
    const store = await make(t)
    const baseline = { cheapestMicros: 120_000, officialMicros: 1_000_000 }
    await keep(store, [failed(120_000, { baseline }), paid(1_200_000, { baseline })])
    await keep(store, [failed(0), anAttempt({ state: 'running', reservedMicros: 7 })])
    await keep(store, [anAttempt({ state: 'unknown', reservedMicros: 11 })])
    await keep(store, [anAttempt({ state: 'abandoned', reservedMicros: 13 })])
    await keep(store, [anAttempt({ state: 'failed', reservedMicros: 17 })])
    await keep(store, [failed(120_000, { state: 'archiving' })])
    t.same((await store.usage(everything)).totals, {
      attempts: 8,
      generations: 6,
      videos: 1,
      costMicros: 1_440_000,
      reservedMicros: 48,
      unknownMicros: 41,
      unusedMicros: 120_000,
      premiumMicros: 1_080_000,
      officialMicros: 1_000_000,
      vendorAttempts: 0,
      vendorMicros: 0,
      vendorComputedMicros: 0,
    })
  })

  t.test('what vendors said is compared with the cost of the same attempts, in every group', async (t) => {
    const store = await make(t)
    const noon = Math.floor(START / DAY) * DAY
    await keep(store, [paid(100, { vendorCostMicros: 130 }), failed(0, { vendorCostMicros: 40 })])
    await keep(store, [paid(1000), anAttempt({ state: 'running', reservedMicros: 7, vendorCostMicros: 9 })])
    await keep(store, [paid(10, { upstream: 'openai', vendorCostMicros: 0 })])
    await keep(store, [paid(10, { upstream: 'veo', vendorCostMicros: 1e300 })])
    for (const from of [0, 1, noon]) {
      const { rows, totals } = await store.usage({ ...everything, from, groupBy: ['upstream'] })
      t.strictSame(
        rows.map((row) => [row.upstream, row.vendorAttempts, row.vendorMicros, row.vendorComputedMicros]),
        [
          ['openai', 1, 0, 10],
          ['reseller-a', 2, 170, 100],
          ['veo', 0, 0, 0],
        ],
      )
      t.match(totals, { vendorAttempts: 3, vendorMicros: 170, vendorComputedMicros: 110 })
    }
  })

  t.test('where the cost comes from the vendor, what it said is compared with the price list', async (t) => {
    const store = await make(t)
    const byVendor = { vendorCostMicros: 130, costSource: 'vendor', listMicros: 100 } as const
    await keep(store, [paid(130, byVendor), paid(100, { vendorCostMicros: 90 })])
    for (const from of [0, 1])
      t.match((await store.usage({ ...everything, from })).totals, {
        costMicros: 230,
        vendorAttempts: 2,
        vendorMicros: 220,
        vendorComputedMicros: 200,
      })
  })

  t.test('what a vendor says when it is asked again goes before what it said', async (t) => {
    const store = await make(t)
    const generation = await keep(store, [paid(100, { vendorCostMicros: 130 })])
    const attempts = generation.attempts.map((attempt) => ({ ...attempt, vendorCostMicros: 90 }))
    await store.save({ ...generation, attempts }, { version: 1, entries: [], lease: null })
    for (const from of [0, 1])
      t.match((await store.usage({ ...everything, from })).totals, { vendorAttempts: 1, vendorMicros: 90 })
  })

  t.test('what had nothing to be compared with is neither a premium nor a saving', async (t) => {
    const store = await make(t)
    await keep(store, [paid(500, { baseline: null })])
    t.match((await store.usage(everything)).totals, {
      costMicros: 500,
      premiumMicros: 0,
      officialMicros: 500,
    })
  })

  t.test('a report covers what started in its time, the beginning included and the end not', async (t) => {
    const store = await make(t)
    for (const startedAt of [START - 1, START, START + 9, START + 10])
      await keep(store, [paid(1, { startedAt })])
    const { totals } = await store.usage({ ...everything, from: START, to: START + 10 })
    t.equal(totals.attempts, 2)
  })

  t.test('a report is of one tenant, or of all', async (t) => {
    const store = await make(t)
    await keep(store, [paid(1)])
    await keep(store, [paid(2)], { tenant: 'other' })
    t.equal((await store.usage({ ...everything, tenant: 'other' })).totals.costMicros, 2)
    t.equal((await store.usage(everything)).totals.costMicros, 3)
    t.same(
      (await rows(store, { groupBy: ['tenant'] })).map(({ tenant, costMicros }) => [tenant, costMicros]),
      [
        ['other', 2],
        ['studio', 1],
      ],
    )
  })

  t.test('a report is split by what was asked, in order, and its rows add up', async (t) => {
    const store = await make(t)
    const dear = { upstream: 'openai', kind: 'official' } as const
    const noon = Math.floor(START / DAY) * DAY
    await keep(store, [failed(1), paid(10, dear)], { key: 'b' })
    await keep(store, [paid(100, { startedAt: noon + DAY })], { key: 'a' })
    await keep(store, [paid(1000, { startedAt: noon + DAY - 1 })], { key: 'b' })
    const split = await store.usage({ ...everything, groupBy: ['key', 'kind', 'day'] })
    t.same(
      split.rows.map(({ key, kind, day, costMicros }) => [key, kind, (day ?? 0) - noon, costMicros]),
      [
        ['a', 'reverse', DAY, 100],
        ['b', 'official', 0, 10],
        ['b', 'reverse', 0, 1001],
      ],
    )
    t.equal(split.totals.costMicros, 1111)
    t.same(
      (await rows(store, { groupBy: ['upstream', 'model'] })).map((row) => [
        row.upstream,
        row.model,
        row.generations,
      ]),
      [
        ['openai', 'sora-2', 1],
        ['reseller-a', 'sora-2', 3],
      ],
      'one generation counts on both of its upstreams',
    )
    t.equal(split.totals.generations, 3, 'and once in the totals')
  })

  t.test(
    'characters that appear together are one group, in whatever order the prompt names them',
    async (t) => {
      const store = await make(t)
      const [girl, man] = [
        { id: characterId(1), name: 'coffee_girl', description: 'in an apron' },
        { id: characterId(2), name: 'old_man', description: 'with a cane' },
      ]
      for (const characters of [[girl, man], [man, girl], [girl], []]) {
        await keep(store, [paid(1)], { request: { ...aGeneration().request, characters } })
      }
      const found = await rows(store, { groupBy: ['character'] })
      const named = found.map(({ characters, attempts }) => [
        characters?.map(({ name }) => name).join('+'),
        attempts,
      ])
      t.same(Object.fromEntries(named), { '': 1, coffee_girl: 1, 'coffee_girl+old_man': 2 })
    },
  )

  t.test('rows end at the limit, totals do not', async (t) => {
    const store = await make(t)
    for (const key of ['a', 'b', 'c']) await keep(store, [paid(1)], { key })
    const { rows, totals } = await store.usage({ ...everything, groupBy: ['key'], limit: 2 })
    t.equal(rows.length, 2)
    t.equal(totals.costMicros, 3)
  })

  t.test('a report of one character has its attempts, alone or beside others, and no other', async (t) => {
    const store = await make(t)
    const played = async (numbers: number[], costMicros: number) => {
      const uses = numbers.map((number) => ({ id: characterId(number), name: 'a', description: '' }))
      const { request } = aGeneration()
      // Yesterday is read from the totals of days, today from the attempts.
      for (const startedAt of [START - DAY, START])
        await keep(store, [paid(costMicros, { startedAt })], { request: { ...request, characters: uses } })
    }
    await played([1], 1)
    await played([1, 2], 20)
    await played([2], 300)
    await played([12], 4000)
    await played([], 50_000)
    const of = async (number: number, groupBy: UsageQuery['groupBy']) =>
      store.usage({ ...everything, to: START + 1, character: characterId(number), groupBy })
    t.match((await of(1, [])).totals, { costMicros: 42, videos: 4, generations: 4 })
    t.match((await of(2, ['upstream'])).rows, [{ costMicros: 640, generations: 4 }])
    t.match((await of(12, [])).totals, { costMicros: 8000 })
    t.match((await of(3, [])).totals, noUsage)
  })

  t.test('what a removed generation has cost stays in the report, as one generation', async (t) => {
    const store = await make(t)
    const { id } = await keep(store, [failed(1), paid(2)])
    const before = await store.usage({ ...everything, groupBy: ['key', 'upstream', 'character'] })
    await store.remove(id)
    t.strictSame(await store.usage({ ...everything, groupBy: ['key', 'upstream', 'character'] }), before)
    t.match(before.totals, { attempts: 2, generations: 1, costMicros: 3 })
  })

  t.test('a report follows an attempt from its reservation to its end', async (t) => {
    const store = await make(t)
    const generation = await keep(store, [anAttempt({ reservedMicros: 120_000 })])
    t.match((await store.usage(everything)).totals, { reservedMicros: 120_000, costMicros: 0, videos: 0 })
    const attempts = generation.attempts.map((attempt) => ({ ...attempt, ...paid(120_000), id: attempt.id }))
    await store.save({ ...generation, attempts }, { version: 1, entries: [], lease: null })
    t.match((await store.usage(everything)).totals, {
      attempts: 1,
      reservedMicros: 0,
      costMicros: 120_000,
      videos: 1,
    })
  })
}
