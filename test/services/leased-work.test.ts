import t from 'tap'
import type { Test } from 'tap'
import type { GenerationEvent } from '../../src/gateway/domain/generation/event.ts'
import type { Generation } from '../../src/gateway/domain/generation/generation.ts'
import { createLeasedWork } from '../../src/gateway/services/advance/leased-work.ts'
import type { LeasedWork } from '../../src/gateway/services/advance/leased-work.ts'
import { openDatabase } from '../../src/gateway/storage/engine/database.ts'
import { createGenerationStore } from '../../src/gateway/storage/generations/generation-store.ts'
import { aGeneration, anAttempt, attemptId, START } from '../fixtures/generation.ts'

const limits = { monthStart: 0, monthlyBudgetMicros: null, maxInFlight: null }
const owner = 'worker-1'
const id = attemptId(1)

/** A claimed generation, the writes that its work makes, and who was told what. */
async function setUp(t: Test) {
  const database = await openDatabase({ file: ':memory:' })
  t.teardown(() => database.close())
  const store = createGenerationStore(database)
  const generation = aGeneration({ nextAttemptAt: START })
  await store.insert(generation, { entries: [], idempotency: null, limits })
  const [claimed] = await store.claimDue({ now: START, owner, leaseUntil: START + 30_000, limit: 1 })
  if (claimed === undefined) throw new Error('the generation was not claimed')
  const writes: string[][] = []
  const told: Array<Generation | null> = []
  const work = createLeasedWork(
    {
      store: {
        get: (which) => store.get(which),
        save(next, terms) {
          writes.push(terms.entries.map(({ type }) => type))
          return store.save(next, terms)
        },
      },
      bus: { publish: () => undefined },
      clock: { now: () => START },
      gate: { observe: () => undefined, view: () => undefined },
    },
    { owner, isHeld: () => true },
    claimed,
  )
  const ended = (stored: Generation | null): void => void told.push(stored)
  const stored = async () => (await store.get(generation.id))?.generation
  return { database, store, generation, work, writes, told, ended, stored }
}

function started(): GenerationEvent {
  const { upstream, kind, fidelity, model, durationSeconds, size, reservedMicros, chargedOn, baseline } =
    anAttempt()
  const chosen = {
    upstream,
    kind,
    fidelity,
    model,
    durationSeconds,
    size,
    reservedMicros,
    chargedOn,
    baseline,
  }
  const attempt = { id, ...chosen, stallMs: 60_000, attemptMs: 900_000 }
  return { type: 'attempt_started', at: START, attempt, warnings: [] }
}

const submitting: GenerationEvent = {
  type: 'submitting',
  at: START,
  attemptId: id,
  to: { origin: 'https://reseller-a.test', credential: null },
  prompt: 'a boat',
  warnings: [],
}

const stateIn = (generation: Pick<Generation, 'attempts'> | null | undefined): string | undefined =>
  generation?.attempts[0]?.state
const stateOf = ({ generation }: LeasedWork): string | undefined => stateIn(generation)

t.test('what was noted for later is stored in one write with what comes next', async (t) => {
  const { work, writes, told, ended, stored } = await setUp(t)
  work.recordLater(started(), ended)
  t.equal(stateOf(work), 'binding')
  t.same((await stored())?.attempts, [], 'nobody knows of it yet')
  await work.record(submitting)
  t.equal(stateIn(await stored()), 'submitting')
  t.equal(writes.length, 1)
  t.match(writes[0], ['attempt.started'], 'and both are in the history')
  t.same(told.map(stateIn), ['submitting'])
  work.discard()
  t.equal(told.length, 1, 'told once')
})

t.test('settling stores it alone, and does nothing where nothing was noted', async (t) => {
  const { work, writes, told, ended, stored } = await setUp(t)
  t.equal(await work.settle(), true)
  t.same(writes, [])
  work.recordLater(started(), ended)
  t.equal(await work.settle(), true)
  t.equal(stateIn(await stored()), 'binding')
  t.same(told.map(stateIn), ['binding'])
})

t.test(
  'where somebody else came first, neither is stored, and the work goes on from what they left',
  async (t) => {
    for (const finish of ['record', 'settle'] as const) {
      const { store, generation, work, told, ended, stored } = await setUp(t)
      work.recordLater(started(), ended)
      const metadata = { shot: 'changed' }
      const changed = { ...generation, request: { ...generation.request, metadata } }
      t.equal(await store.save(changed, { version: 1, entries: [], lease: null }), 'saved')
      if (finish === 'record') await work.record(submitting)
      else t.equal(await work.settle(), false)
      t.same(work.generation.attempts, [])
      t.same(work.generation.request.metadata, metadata)
      t.same((await stored())?.attempts, [])
      t.same(
        told.map((each) => each?.attempts),
        [[]],
      )
      work.recordLater(started(), ended)
      await work.record(submitting)
      t.equal(stateIn(await stored()), 'submitting', 'it begins anew')
    }
  },
)

t.test('what is discarded, or noted under a lease that is lost, was never stored', async (t) => {
  const { database, work, told, ended, stored } = await setUp(t)
  work.recordLater(started(), ended)
  await database.write((transaction) =>
    transaction.updateTable('generations').set({ lease_owner: 'worker-2' }).execute(),
  )
  await t.rejects(work.record(submitting), { name: 'LeaseLostError' })
  t.same(told, [], 'not known before the work has ended')
  work.discard()
  t.same(told, [null])
  t.same((await stored())?.attempts, [])
})
