import type { Test } from 'tap'
import type { Exchange, ExchangeOperation } from '../../src/gateway/domain/attempts/exchange.ts'
import type { ExchangeStore } from '../../src/gateway/ports/operations/exchange-store.ts'
import type { GenerationStorage } from '../../src/gateway/ports/generations/generation-storage.ts'
import { aGeneration, attemptId, START } from '../fixtures/generation.ts'

type Make = (t: Test) => Promise<{ exchanges: ExchangeStore; generations: GenerationStorage }>

const unlimited = { monthStart: 0, monthlyBudgetMicros: null, maxInFlight: null }

function anExchange(at: number, operation: ExchangeOperation = 'poll', body = `answer of ${at}`): Exchange {
  return {
    operation,
    at: START + at,
    ms: 12,
    method: operation === 'create' ? 'POST' : 'GET',
    path: '/videos/job-1?page=1',
    request: operation === 'create' ? '{"prompt":"a boat"}' : null,
    ending: 'answered',
    reason: null,
    status: 200,
    headers: { 'content-type': 'application/json' },
    body,
    bytes: null,
    isCut: false,
  }
}

/** What every ExchangeStore guarantees. */
export function exchangeStoreContract(t: Test, make: Make): void {
  async function opened(t: Test) {
    const stores = await make(t)
    const generation = aGeneration()
    await stores.generations.insert(generation, { entries: [], idempotency: null, limits: unlimited })
    const { id } = generation
    const append = (exchanges: Exchange[], { attempt = 1, repeated = 0 } = {}) =>
      stores.exchanges.append({ generationId: id, attemptId: attemptId(attempt), exchanges, repeated })
    return { ...stores, id, append }
  }

  t.test('what was appended comes back as it was, in the order of time', async (t) => {
    const { exchanges, append, id } = await opened(t)
    const create = anExchange(1, 'create')
    const broken: Exchange = {
      ...anExchange(5),
      ending: 'no_answer',
      reason: 'timeout: No response within 1000 ms.',
      status: null,
      headers: {},
      body: null,
    }
    await append([create])
    await append([anExchange(3)], { attempt: 2 })
    await append([anExchange(2), broken])
    t.strictSame(await exchanges.list(id), [
      { ...create, attemptId: attemptId(1), step: 1, repeated: 0 },
      { ...anExchange(2), attemptId: attemptId(1), step: 2, repeated: 0 },
      { ...anExchange(3), attemptId: attemptId(2), step: 1, repeated: 0 },
      { ...broken, attemptId: attemptId(1), step: 2, repeated: 0 },
    ])
    t.same(await exchanges.list(aGeneration().id), [])
  })

  t.test('repetitions are counted with the step that they repeat, and with no other', async (t) => {
    const { exchanges, append, id } = await opened(t)
    await append([anExchange(1, 'create')])
    await append([anExchange(2)], { attempt: 2 })
    await append([anExchange(3), anExchange(4)])
    await append([anExchange(5)], { repeated: 7 })
    const counts = (await exchanges.list(id)).map(({ repeated }) => repeated)
    t.same(counts, [0, 0, 7, 7, 0])
  })

  t.test('of each attempt its first four calls of creates and the last twenty are kept', async (t) => {
    const { exchanges, append, id } = await opened(t)
    await append([anExchange(1, 'create')])
    await append([anExchange(2, 'create')])
    for (let at = 3; at < 8; at++) await append([anExchange(at, 'create')])
    for (let at = 10; at < 60; at++) await append([anExchange(at)])
    for (let at = 10; at < 15; at++) await append([anExchange(100 + at)], { attempt: 2 })
    const kept = await exchanges.list(id)
    const of = (n: number) =>
      kept.filter(({ attemptId: id }) => id === attemptId(n)).map(({ at }) => at - START)
    t.same(of(1), [1, 2, 3, 4, ...Array.from({ length: 20 }, (_, index) => 40 + index)])
    t.same(of(2), [110, 111, 112, 113, 114])
  })

  t.test('so are its first four calls that made characters, before any create', async (t) => {
    const { exchanges, append, id } = await opened(t)
    for (let at = 1; at < 8; at++) await append([anExchange(at, 'character')])
    await append([anExchange(8, 'create')])
    for (let at = 10; at < 60; at++) await append([anExchange(at)])
    const kept = (await exchanges.list(id)).map(({ at }) => at - START)
    t.same(kept, [1, 2, 3, 4, 8, ...Array.from({ length: 20 }, (_, index) => 40 + index)])
  })

  t.test('they go with their generation, and nothing is stored for one that is gone', async (t) => {
    const { exchanges, generations, append, id } = await opened(t)
    await append([anExchange(1)])
    await generations.remove(id)
    t.same(await exchanges.list(id), [])
    await append([anExchange(2)])
    t.same(await exchanges.list(id), [])
  })

  t.test('those that are older than an instant are forgotten, so many at a time', async (t) => {
    const { exchanges, append, id } = await opened(t)
    for (let at = 1; at <= 5; at++) await append([anExchange(at)])
    const left = async () => (await exchanges.list(id)).map(({ at }) => at - START)
    await exchanges.prune(START + 4, 2)
    t.same(await left(), [3, 4, 5], 'the oldest first')
    await exchanges.prune(START + 4, 10)
    t.same(await left(), [4, 5])
  })
}
