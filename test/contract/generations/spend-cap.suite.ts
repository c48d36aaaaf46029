import type { Test } from 'tap'
import type { Attempt, Generation } from '../../../src/gateway/domain/generation/generation.ts'
import type { GenerationStorage } from '../../../src/gateway/ports/generations/generation-storage.ts'
import { aGeneration, anAttempt, attemptId, generationId, START } from '../../fixtures/generation.ts'
import { DAY, insert } from './setup.ts'
import type { Make } from './setup.ts'

const upstream = 'reseller-a'
const today = Date.UTC(2026, 0, 15)
const capMicros = 1_200_000
const micros = 120_000

function started(n: number, changes: Partial<Attempt> = {}): Attempt {
  const reserved = { reservedMicros: micros, costMicros: 0, costState: 'reserved' } as const
  return anAttempt({
    id: attemptId(n),
    upstream,
    state: 'binding',
    startedAt: START,
    ...reserved,
    ...changes,
  })
}

async function queued(store: GenerationStorage, n: number): Promise<Generation> {
  const generation = aGeneration({ id: generationId(n) })
  await insert(store, generation)
  return generation
}

function start(store: GenerationStorage, generation: Generation, attempt: Attempt, dayStart = today) {
  const next: Generation = { ...generation, status: 'in_progress', attempts: [attempt] }
  const spendLimit = { upstream: attempt.upstream, capMicros, dayStart, micros: attempt.reservedMicros }
  return store.save(next, { version: 1, entries: [], lease: null, spendLimit })
}

export function spendCapContract(t: Test, make: Make): void {
  t.test('of twenty attempts that start at once, those below the spend cap of the day start', async (t) => {
    const store = await make(t)
    const generations = await Promise.all(Array.from({ length: 20 }, (_, n) => queued(store, n)))
    const outcomes = await Promise.all(generations.map((each, n) => start(store, each, started(n))))
    t.equal(outcomes.filter((outcome) => outcome === 'saved').length, 10, 'exactly the cap fits')
    t.equal(outcomes.filter((outcome) => outcome === 'over_spend_cap').length, 10)
    t.strictSame(
      await store.spendOf(today),
      new Map([[upstream, { dayStart: today, spentMicros: 0, reservedMicros: capMicros }]]),
    )
    t.equal((await store.liveAttempts()).length, 10, 'the others changed nothing')
    const [late] = generations.filter((_, n) => outcomes[n] === 'over_spend_cap')
    t.match(await store.get(late?.id ?? generationId(0)), {
      version: 1,
      generation: { status: 'queued', attempts: [] },
    })
  })

  t.test('a micro-dollar more than the cap does not start', async (t) => {
    const store = await make(t)
    const one = await queued(store, 1)
    t.equal(await start(store, one, started(1, { reservedMicros: capMicros + 1 })), 'over_spend_cap')
    t.equal(await start(store, one, started(1, { reservedMicros: capMicros })), 'saved')
    t.equal(await start(store, await queued(store, 2), started(2, { reservedMicros: 1 })), 'over_spend_cap')
    t.equal(
      await start(store, await queued(store, 3), started(3, { reservedMicros: 0 })),
      'saved',
      'free ones do',
    )
  })

  t.test('what settles for less frees the rest, and what settles counts by its cost', async (t) => {
    const store = await make(t)
    const one = await queued(store, 1)
    await start(store, one, started(1, { reservedMicros: capMicros }))
    const ended: Attempt = started(1, {
      state: 'failed',
      reservedMicros: capMicros,
      costMicros: 1_000_000,
      costState: 'settled',
      endedAt: START,
    })
    await store.save(
      { ...one, status: 'failed', attempts: [ended] },
      { version: 2, entries: [], lease: null },
    )
    t.same((await store.spendOf(today)).get(upstream), {
      dayStart: today,
      spentMicros: 1_000_000,
      reservedMicros: 0,
    })
    t.equal(
      await start(store, await queued(store, 2), started(2, { reservedMicros: 200_001 })),
      'over_spend_cap',
    )
    t.equal(await start(store, await queued(store, 3), started(3, { reservedMicros: 200_000 })), 'saved')
  })

  t.test('other days and other upstreams do not count', async (t) => {
    const store = await make(t)
    const yesterday = started(1, { reservedMicros: capMicros, startedAt: today - 1 })
    t.equal(await start(store, await queued(store, 1), yesterday, today - DAY), 'saved')
    const elsewhere = started(2, { reservedMicros: capMicros, upstream: 'openai' })
    t.equal(await start(store, await queued(store, 2), elsewhere), 'saved')
    t.equal(
      await start(store, await queued(store, 3), started(3, { startedAt: today, reservedMicros: capMicros })),
      'saved',
    )
    const tomorrow = started(4, { startedAt: today + DAY, reservedMicros: capMicros })
    t.equal(await start(store, await queued(store, 4), tomorrow, today + DAY), 'saved')
    t.same([...(await store.spendOf(today)).keys()].toSorted(), ['openai', upstream])
  })
}
