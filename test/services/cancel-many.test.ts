import t from 'tap'
import { everyGeneration } from '../../src/gateway/domain/generation/search/generation-filter.ts'
import type { Generation } from '../../src/gateway/domain/generation/generation.ts'
import { createIds } from '../../src/gateway/process/ids.ts'
import { createLogger } from '../../src/gateway/process/logger.ts'
import { cancelMany } from '../../src/gateway/services/generations/cancels/cancel-many.ts'
import { createCharacterStore } from '../../src/gateway/storage/characters/character-store.ts'
import { openDatabase } from '../../src/gateway/storage/engine/database.ts'
import { createGenerationStore } from '../../src/gateway/storage/generations/generation-store.ts'
import { clientOfKey } from '../../src/gateway/domain/accounts/gateway-key.ts'
import { aGeneration, START } from '../fixtures/generation.ts'
import { aKey } from '../fixtures/key.ts'

const unlimited = { monthStart: START, monthlyBudgetMicros: null, maxInFlight: null }

t.test('what starts while queued ones are cancelled by filter is spared', async (t) => {
  await using database = await openDatabase({ file: `${t.testdir()}/understudy.db` })
  const store = createGenerationStore(database)
  const [starting, waiting] = [aGeneration(), aGeneration()]
  for (const each of [starting, waiting])
    await store.insert(each, { entries: [], idempotency: null, limits: unlimited })
  const clock = { now: () => START }
  const deps = {
    store,
    characters: createCharacterStore(database),
    gate: { observe: () => undefined },
    bus: { publish: () => undefined },
    clock,
    ids: createIds(clock),
    onWork: () => undefined,
    logger: createLogger('silent', { write: () => undefined }),
    audit: {
      // Written after the search, before the first is cancelled: a worker starts one of them then.
      async append() {
        const started: Generation = { ...starting, status: 'in_progress' }
        await store.save(started, { version: 1, entries: [], lease: null })
      },
    },
  }
  const client = { ...clientOfKey(aKey()), tenant: 'studio' }
  const filter = { ...everyGeneration, status: 'queued' } as const
  const rows = await cancelMany(deps, client, {
    which: { type: 'filter', filter, expected: 2 },
    isDry: false,
  })
  const outcomes = new Map(rows.map(({ id, outcome }) => [id, outcome]))
  t.equal(outcomes.get(starting.id), 'no_longer_matching')
  t.equal(outcomes.get(waiting.id), 'cancelled')
  t.match(await store.get(starting.id), { generation: { status: 'in_progress' }, version: 2 })
  t.match(await store.get(waiting.id), { generation: { status: 'cancelled' } })
})
