import type { Test } from 'tap'
import type { Attempt, Generation } from '../../../src/gateway/domain/generation/generation.ts'
import type { GenerationStorage } from '../../../src/gateway/ports/generations/generation-storage.ts'
import { aGeneration, anAttempt, attemptId, generationId, START } from '../../fixtures/generation.ts'
import { insert } from './setup.ts'
import type { Make } from './setup.ts'

const upstream = 'reseller-a'
const limit = 4

async function queued(store: GenerationStorage, n: number): Promise<Generation> {
  const generation = aGeneration({ id: generationId(n) })
  await insert(store, generation)
  return generation
}

async function start(store: GenerationStorage, n: number, changes: Partial<Attempt> = {}) {
  const generation = await queued(store, n)
  const attempt = anAttempt({ id: attemptId(n), upstream, state: 'binding', startedAt: START, ...changes })
  const next: Generation = { ...generation, status: 'in_progress', attempts: [attempt] }
  const slot = { upstream: attempt.upstream, limit, at: START }
  return store.save(next, { version: 1, entries: [], lease: null, slot })
}

/** Writes the next version without asking for a slot, as for everything but a start. */
async function change(
  store: GenerationStorage,
  n: number,
  attempt: Partial<Attempt>,
  changes: Partial<Generation> = {},
): Promise<void> {
  const stored = await store.get(generationId(n))
  if (stored === null) throw new Error(`generation ${n} is missing`)
  const [first] = stored.generation.attempts
  const attempts = first === undefined ? [] : [{ ...first, ...attempt }]
  await store.save(
    { ...stored.generation, ...changes, attempts },
    { version: stored.version, entries: [], lease: null },
  )
}

/** What holds of the slots of upstreams where several processes start attempts over one store. */
export function slotsContract(t: Test, make: Make): void {
  t.test('of twenty attempts that start at once, as many start as the upstream has slots', async (t) => {
    const store = await make(t)
    const outcomes = await Promise.all(Array.from({ length: 20 }, (_, n) => start(store, n)))
    t.equal(outcomes.filter((outcome) => outcome === 'saved').length, limit)
    t.equal(outcomes.filter((outcome) => outcome === 'no_slot').length, 20 - limit)
    t.same(await store.slotsTaken(START), new Map([[upstream, limit]]))
    t.equal((await store.liveAttempts()).length, limit, 'the others changed nothing')
    t.equal(await start(store, 21, { upstream: 'openai' }), 'saved', 'another upstream has slots of its own')
  })

  t.test('a slot is taken until its attempt ends, whatever its state until then', async (t) => {
    const store = await make(t)
    for (let n = 0; n < limit; n++) await start(store, n)
    await change(store, 0, { state: 'submitting' })
    await change(store, 1, { state: 'unknown' })
    await change(store, 2, { state: 'running', upstreamId: 'job-2' })
    t.equal(await start(store, 10), 'no_slot')
    await change(store, 3, { state: 'archiving' })
    t.equal(await start(store, 11), 'saved', 'a rendered video takes none')
    t.equal(await start(store, 12), 'no_slot')
  })

  t.test('an unwanted job takes its slot for as long as it may run', async (t) => {
    const store = await make(t)
    for (let n = 0; n < limit; n++) await start(store, n)
    await change(store, 0, { state: 'abandoned', deadlineAt: START + 1 }, { status: 'cancelled' })
    t.equal(await start(store, 10), 'no_slot')
    t.same(await store.slotsTaken(START + 1), new Map([[upstream, limit - 1]]))
    await change(store, 0, { deadlineAt: START })
    t.equal(await start(store, 11), 'saved')
  })

  t.test('an attempt that nobody waits for and that may never have been a job takes none', async (t) => {
    const store = await make(t)
    for (let n = 0; n < limit; n++) await start(store, n)
    await change(store, 0, { state: 'unknown' }, { status: 'failed' })
    t.equal(await start(store, 10), 'saved')
    t.equal(await start(store, 11), 'no_slot')
    await change(store, 1, { state: 'unknown', awaitsPerson: true })
    t.equal(await start(store, 12), 'saved', 'nor one that waits for a person')
  })
}
