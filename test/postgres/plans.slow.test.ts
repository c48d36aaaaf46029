import { CompiledQuery, type RawBuilder } from 'kysely'
import t from 'tap'
import { everyGeneration } from '../../src/gateway/domain/generation/search/generation-filter.ts'
import type { SearchFilter } from '../../src/gateway/ports/generations/generation-search.ts'
import type { Database } from '../../src/gateway/storage/engine/database.ts'
import { openPostgres } from '../../src/gateway/storage/postgres/open-postgres.ts'
import { prepareDueRows } from '../../src/gateway/storage/queue/due-rows.ts'
import { candidates } from '../../src/gateway/storage/search/candidates.ts'
import { acceptedQuery, statisticsQueries } from '../../src/gateway/storage/statistics/statistics-queries.ts'
import { attemptStatistics } from '../../src/gateway/storage/ledger/attempt-statistics.ts'
import { characterId, generationId, START } from '../fixtures/generation.ts'
import { postgresDatabases } from './databases.ts'
import { sentBy } from './sent-by.ts'
import { skipsPostgres } from './server.ts'

const rows = 20_000
const { character: _name, olderThanMs: _age, ...every } = everyGeneration
const all: SearchFilter = { ...every, characters: null, now: START }

/** Nearly all are over, of many tenants and upstreams; the documents are of a usual size. */
const fill = [
  `insert into generations (id, tenant, key, status, created_at, due_at, due_pool, expires_at, version, last_seq,
      headroom_micros, error, attention_at, doc)
    select 'gen_' || lpad(n::text, 26, '0'), 'tenant-' || n % 50, 'key-' || n % 200,
      case when n % 100 = 0 then 'queued' when n % 100 < 10 then 'failed' else 'completed' end, ${START} + n,
      case when n % 100 = 0 then ${START} + n end, 'poll:upstream-' || n % 20,
      case when n % 100 = 0 then ${START} + n end, 1, 1, 0,
      case when n % 50 = 1 then 'overloaded' end, case when n % 500 = 1 then ${START} end, repeat(md5(n::text), 60)
    from generate_series(1, ${rows}) n`,
  `insert into attempts (id, generation_id, generation, tenant, key, upstream, kind, model, state, reserved_micros,
      cost_micros, cost_state, failure_code, started_at, submitted_at, accepted_at, ended_at)
    select 'att_' || lpad(n::text, 26, '0'), 'gen_' || lpad(n::text, 26, '0'), 'gen_' || lpad(n::text, 26, '0'),
      'tenant-' || n % 50, 'key-' || n % 200, 'upstream-' || n % 200, 'reverse', 'sora-2',
      case when n % 100 = 0 then 'unknown' else 'succeeded' end, 0, 1, 'settled',
      case when n % 50 = 1 then 'overloaded' end, ${START} + n * 60000, ${START} + n * 60000, ${START} + n * 60000,
      case when n % 100 > 0 then ${START} + n * 60000 end
    from generate_series(1, ${rows}) n`,
  `insert into generation_labels select 'shot', 'shot-' || n % 500, 'gen_' || lpad(n::text, 26, '0')
    from generate_series(1, ${rows}) n`,
  `insert into generation_characters select 'char_' || n % 500, 'gen_' || lpad(n::text, 26, '0')
    from generate_series(1, ${rows}) n`,
  // As its triggers do, which are off.
  `insert into schedule (generation_id, pool, leased, due_at, expires_at)
    select id, due_pool, false, due_at, expires_at from generations where due_at is not null`,
  'analyze',
]

async function planOf(database: Database, query: Pick<CompiledQuery, 'sql' | 'parameters'>): Promise<string> {
  const asked = CompiledQuery.raw(`explain ${query.sql}`, [...query.parameters])
  const answer = await database.write((transaction) => transaction.executeQuery(asked), { locks: [] })
  return answer.rows.map((row: any) => row['QUERY PLAN']).join('\n')
}

const walksAll = /Seq Scan on (?:generations|schedule|attempts|generation_labels|generation_characters)\b/

const walks: Array<[index: string, filter: Partial<SearchFilter>]> = [
  ['generation_labels_pkey', { metadata: [['shot', 'shot-7']] }],
  ['generation_characters_pkey', { characters: [characterId(1)] }],
  ['attempts_by_failure', { error: 'overloaded' }],
  ['attempts_by_state', { attemptState: 'unknown' }],
  ['attempts_by_upstream', { upstream: 'upstream-7' }],
  ['generations_by_status', { status: 'failed', tenant: 'tenant-7' }],
  ['generations_by_key', { key: 'key-7' }],
  ['generations_by_tenant', { tenant: 'tenant-7' }],
  ['generations_pkey', {}],
]

t.test('plans on PostgreSQL', { skip: skipsPostgres() }, async (t) => {
  const { create, server } = await postgresDatabases(t)
  const url = await create()
  // Without triggers: totals are not asked for here.
  await server.query(url, ['set session_replication_role = replica', ...fill].join('; '))
  const database = await openPostgres({ url, connections: 5 })
  t.teardown(() => database.close())

  t.test('claims, pools and what is due next seek their index', async (t) => {
    const due = prepareDueRows(database.read, true)
    const claim = { now: START + rows, owner: 'one', leaseUntil: START * 2 }
    const shares = Array.from({ length: 20 }, (_, n) => ({ pool: `poll:upstream-${n}`, most: 5 }))
    const pools = JSON.stringify(shares.map(({ pool }) => pool))
    const asked: Array<[index: string, run: (executor: any) => Promise<unknown>]> = [
      ['schedule_due', (executor) => due.claim(executor, shares, claim)],
      ['schedule_expiring', (executor) => due.claimExpired(executor, { ...claim, limit: 50 })],
      ['schedule_due', (executor) => due.pools(executor, {})],
      ['schedule_due', (executor) => due.earliestIn(executor, { pools })],
      ['schedule_expiring', (executor) => due.earliestExpiry(executor, {})],
    ]
    for (const [index, run] of asked) {
      const plan = await planOf(database, await sentBy(database, run))
      t.match(plan, index, plan)
      t.notMatch(plan, walksAll, plan)
    }
  })

  t.test('every filter walks an index', async (t) => {
    for (const [index, filter] of walks) {
      const walk = { after: generationId(900_000), oldestFirst: false, limit: 20 }
      const plan = await planOf(database, candidates({ ...all, ...filter }, walk).compile(database.read))
      t.match(plan, index, plan)
      t.notMatch(plan, walksAll, plan)
    }
  })

  t.test('statistics seek the attempts of their upstream, whatever the others have', async (t) => {
    const hour = 3_600_000
    const at = Math.floor(START / hour) * hour
    const span = { from: at, to: at + 5 * hour, step: 'hour' } as const
    const queries: Array<RawBuilder<unknown>> = [
      ...statisticsQueries(['upstream-7'], span),
      acceptedQuery({ ...span, from: at - 2 * hour, to: at - hour }),
    ]
    for (const query of queries) t.notMatch(await planOf(database, query.compile(database.read)), walksAll)
    t.match(
      await planOf(database, await sentBy(database, (read) => attemptStatistics(read, START))),
      'attempts_finished',
    )
    t.equal((await attemptStatistics(database.read, START)).length, 198)
  })
})
