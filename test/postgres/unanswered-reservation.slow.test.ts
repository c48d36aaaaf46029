import { sql } from 'kysely'
import t from 'tap'
import { createGenerationStore } from '../../src/gateway/storage/generations/generation-store.ts'
import { openPostgres } from '../../src/gateway/storage/postgres/open-postgres.ts'
import { aGeneration, aLogEntry } from '../fixtures/generation.ts'
import { postgresDatabases } from './databases.ts'
import { skipsPostgres } from './server.ts'

const unlimited = { monthStart: 0, monthlyBudgetMicros: null, maxInFlight: null }

t.test('a reservation that the database does not answer', { skip: skipsPostgres() }, async (t) => {
  const { create } = await postgresDatabases(t)
  await using database = await openPostgres({ url: await create() })
  await database.write(async (transaction) => {
    await sql`create function nothing() returns trigger language plpgsql as 'begin return null; end'`.execute(
      transaction,
    )
    await sql`create trigger nothing before insert on key_open for each row execute function nothing()`.execute(
      transaction,
    )
  })
  const store = createGenerationStore(database)
  const generation = aGeneration()
  const terms = { entries: [aLogEntry()], idempotency: null, limits: unlimited }
  await t.rejects(
    store.insert(generation, terms),
    { code: 'busy' },
    'is no limit that a key without limits has reached',
  )
  t.notOk(await store.get(generation.id), 'and leaves nothing stored')
})
