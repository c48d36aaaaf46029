import t from 'tap'
import type { LogEntry } from '../../src/gateway/domain/generation/history.ts'
import { toldStore } from '../../src/gateway/services/generations/told-store.ts'
import { openDatabase } from '../../src/gateway/storage/engine/database.ts'
import { createGenerationStore } from '../../src/gateway/storage/generations/generation-store.ts'
import { aGeneration, START } from '../fixtures/generation.ts'

const limits = { monthStart: 0, monthlyBudgetMicros: null, maxInFlight: null }
const entries = (type: LogEntry['type']): LogEntry[] => [{ type, at: START, data: {} }]

t.test('a save that is durable with the insert is told after it', async (t) => {
  await using database = await openDatabase({ file: `${t.testdir()}/understudy.db` })
  const inner = createGenerationStore(database)
  const told: string[] = []
  const slow = {
    ...inner,
    async insert(...given: Parameters<typeof inner.insert>) {
      const outcome = await inner.insert(...given)
      await new Promise(setImmediate)
      return outcome
    },
  }
  const store = toldStore(slow, [{ stored: (_, [entry]) => void told.push(entry?.type ?? '') }])
  const generation = aGeneration()
  const saving: Array<Promise<unknown>> = []
  const lease = {
    owner: 'worker-1',
    until: START + 1000,
    storing: () => {
      const terms = {
        version: 1,
        entries: entries('attempt.started'),
        lease: { owner: 'worker-1', release: true },
      }
      saving.push(store.save(generation, terms))
    },
  }
  await store.insert(generation, { entries: entries('generation.queued'), idempotency: null, limits, lease })
  t.same(await Promise.all(saving), ['saved'])
  t.same(told, ['generation.queued', 'attempt.started'])
})

t.test('work on what is being stored does not wait for whoever stores it', async (t) => {
  await using database = await openDatabase({ file: `${t.testdir()}/understudy.db` })
  const inner = createGenerationStore(database)
  const told: string[] = []
  const { promise: hung, resolve: release } = Promise.withResolvers<void>()
  const hanging = {
    ...inner,
    async insert(...given: Parameters<typeof inner.insert>) {
      const outcome = await inner.insert(...given)
      await hung
      return outcome
    },
  }
  const store = toldStore(hanging, [{ stored: (_, [entry]) => void told.push(entry?.type ?? '') }])
  const generation = aGeneration()
  const lease = { owner: 'worker-1', until: START + 1000, storing: () => undefined }
  const inserting = store.insert(generation, {
    entries: entries('generation.queued'),
    idempotency: null,
    limits,
    lease,
  })
  const save = (version: number, type: LogEntry['type']) =>
    store.save(generation, { version, entries: entries(type), lease: { owner: 'worker-1', release: false } })
  t.equal(await save(1, 'attempt.started'), 'saved')
  t.equal(await save(2, 'attempt.accepted'), 'saved')
  t.same(told, [], 'nothing is told before what came first')
  release()
  await inserting
  await new Promise(setImmediate)
  t.same(told, ['generation.queued', 'attempt.started', 'attempt.accepted'])
  t.equal(await save(3, 'attempt.progress'), 'saved')
  t.equal(told.at(-1), 'attempt.progress')
})
