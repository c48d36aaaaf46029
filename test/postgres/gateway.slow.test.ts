import { setTimeout as pause } from 'node:timers/promises'
import { Client } from 'pg'
import t from 'tap'
import { runDoctor } from '../../src/gateway/doctor-command.ts'
import { runMigrate } from '../../src/gateway/migrate-command.ts'
import { postgresMigrations } from '../../src/gateway/storage/postgres/postgres-migrations.ts'
import { keys, official, reverse, startGateway } from '../e2e/gateway.ts'
import type { Gateway } from '../e2e/gateway.ts'
import { postgresDatabases } from './databases.ts'
import { prepareCommand } from './run-command.ts'
import { skipsPostgres } from './server.ts'

const scene = { prompt: 'a lighthouse of glass', duration: 10 }
const skip = skipsPostgres()
if (skip !== false) {
  t.comment(skip)
  process.exit(0)
}
const databases = await postgresDatabases(t)
const { server } = databases
const storage = async () => ({ url: await databases.create(), connections: 5 })

/** Ends with the time limit of the test. */
async function until<T>(ask: () => Promise<T>, holds: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const answer = await ask()
    if (holds(answer)) return answer
    await pause(50)
  }
}

function ready(gateway: Gateway) {
  return gateway.call('GET', '/health/ready')
}

t.test(
  'while the database is away nothing is accepted, and afterwards all goes on without a restart',
  async (t) => {
    const lines: string[] = []
    const gateway = await startGateway(t, {
      upstreams: [{ ...reverse, render: { polls: 3 } }, official],
      live: true,
      patient: true,
      storage: await storage(),
      onLine: (line) => lines.push(line),
    })
    const accept = (key: string) => gateway.call('POST', '/generate', scene, { 'idempotency-key': key })
    const before = await accept('before')
    t.equal(before.status, 202)
    t.match(await ready(gateway), { status: 200 })

    await server.stop('SIGQUIT')
    for (const key of ['meanwhile', 'before']) {
      const refused = await accept(key)
      t.match(refused, { status: 503, body: { code: 'storage_unavailable', title: 'Storage unavailable' } })
      t.equal(refused.headers.get('retry-after'), '5')
      t.notMatch(JSON.stringify(refused.body), /127\.0\.0\.1|ECONN/, 'callers are not told where it is')
    }
    t.match(await gateway.call('GET', `/generations/${before.body.id}`), {
      status: 503,
      body: { code: 'storage_unavailable' },
    })
    const away = await ready(gateway)
    t.equal(away.status, 503)
    t.match(away.body.checks[0], { name: 'storage', ok: false })
    t.match(await gateway.call('GET', '/health/live'), { status: 200 }, 'a restart would not help')

    await server.start()
    await until(
      () => ready(gateway),
      ({ status }) => status === 200,
    )
    const again = await accept('before')
    t.match(again, { status: 202, body: { id: before.body.id } })
    const after = await accept('meanwhile')
    t.equal(after.status, 202)
    for (const { body } of [before, after]) {
      const see = () => gateway.call('GET', `/generations/${body.id}`)
      const end = await until(see, (seen) => /completed|failed|cancelled/.test(seen.body.status))
      t.equal(end.body.status, 'completed')
    }
    const listed = await gateway.call('GET', '/generations')
    t.equal(listed.body.data.length, 2, 'what was refused was not stored')
    t.equal(gateway.simulator.control.renders('reseller').length, 2, 'and nothing was rendered twice')
    t.notMatch(lines.join('\n'), /postgres:\/\/[^"]*@/, 'the log has no URL of the database')
  },
)

t.test('a start waits for a server that is not there yet', async (t) => {
  const section = await storage()
  await server.stop()
  const lines: string[] = []
  const starting = startGateway(t, { storage: section, live: true, onLine: (line) => lines.push(line) })
  await until(
    async () => lines.join(''),
    (text) => text.includes('the database does not answer'),
  )
  await server.start()
  const gateway = await starting
  t.match(await ready(gateway), { status: 200 })
})

t.test(
  'two nodes that start at once have the same secrets, and each knows what the other accepted',
  async (t) => {
    const section = await storage()
    const options = { storage: section, ownKey: true }
    const [one, other] = await Promise.all([startGateway(t, options), startGateway(t, options)])
    const key = one.container.generatedKey
    t.ok(key)
    t.equal(other.container.generatedKey, key)
    const headers = { authorization: `Bearer ${key}` }
    const { body } = await one.call('POST', '/generate', scene, headers)
    t.match(await other.call('GET', `/generations/${body.id}`, undefined, headers), { status: 200 })
    await one.restart()
    t.equal(one.container.generatedKey, key)
  },
)

t.test('a start leaves what another node has in hand', async (t) => {
  const section = await storage()
  const one = await startGateway(t, { storage: section })
  const { body } = await one.call('POST', '/generate', scene, { authorization: `Bearer ${keys.studio}` })
  await server.query(
    section.url,
    `update generations set lease_owner = 'other', lease_until = ${one.now() + 60_000}`,
  )
  await one.restart()
  const rows = await server.query(section.url, 'select lease_owner from generations')
  t.same(rows, [{ lease_owner: 'other' }])
  t.equal((await one.call('GET', `/generations/${body.id}`)).body.status, 'queued')
})

t.test('doctor says whether the database answers, and what to do where it does not', async (t) => {
  const examine = await prepareCommand(t, runDoctor)
  const { url } = await storage()
  const doctor = (database: string) => examine({ url: database })
  const fine = await doctor(url)
  t.match(fine.told, /database \(PostgreSQL \d+.*\n  answers  ok, \d+ ms\n  listens  ok, \d+ ms\n/)
  t.equal(fine.code, 0, fine.told)
  const missing = await doctor(server.url('nowhere'))
  t.equal(missing.code, 1)
  t.match(missing.told, /"nowhere" does not exist\n *Create the database/)
  t.match(missing.told, 'Needs attention: the database.')
  const away = await doctor(url.replace(/:\d+\//, ':1/').replace('postgres@', 'postgres:canary@'))
  t.equal(away.code, 1)
  t.match(away.told, 'Check storage.url, and whether the server runs.')
  t.notMatch(away.told, 'canary')
})

t.test('doctor says whether the connection that listens hears the others', async (t) => {
  const doctor = await prepareCommand(t, runDoctor)
  const [{ url }, other] = [await storage(), await storage()]
  const elsewhere = await doctor({ url, listen_url: other.url })
  t.equal(elsewhere.code, 1)
  t.match(elsewhere.told, /listens  another server or database.*\n *Set storage.listen_url/)
  const listen_url = url.replace(/:\d+\//, ':1/').replace('postgres@', 'postgres:canary@')
  const away = await doctor({ url, listen_url })
  t.equal(away.code, 1)
  t.match(
    away.told,
    /answers  ok.*\n  listens  the database server cannot be reached.*\n *Check storage.listen_url/,
  )
  t.match(away.told, 'Needs attention: the database.')
  t.notMatch(away.told, 'canary')
  const missing = await doctor({ url, listen_url: server.url('nowhere') })
  t.match(missing.told, /listens  .*"nowhere" does not exist.*\n *Create.* storage.listen_url/)
})

t.test('migrate says what it did, waits for others, and does nothing the second time', async (t) => {
  const run = await prepareCommand(t, runMigrate)
  const migrate = (database: string) => run({ url: database })
  const url = await server.database('migrate_command')
  const count = Object.keys(postgresMigrations).length
  const done = new RegExp(`^127\\.0\\.0\\.1:\\d+/migrate_command: made ${count} migrations, up to `)
  const nothing = /^127\.0\.0\.1:\d+\/migrate_command is up to date with this release: nothing to do\.\n$/

  const holder = new Client({ connectionString: url })
  await holder.connect()
  t.teardown(() => holder.end())
  await holder.query("select pg_advisory_lock(hashtextextended('migrations', 0))")
  const both = Promise.all([migrate(url), migrate(url)])
  const waiting = "select 1 from pg_locks where locktype = 'advisory' and not granted"
  await until(
    () => server.query(url, waiting),
    (rows) => rows.length === 2,
  )
  t.same(await server.query(url, "select 1 from pg_tables where schemaname = 'public'"), [])
  await holder.query("select pg_advisory_unlock(hashtextextended('migrations', 0))")
  const [one, other] = (await both).toSorted((a, b) => b.told.length - a.told.length)
  t.match(one, { code: 0, told: done })
  t.match(other, { code: 0, told: nothing }, 'the other one has waited, and says so')
  t.match(await migrate(url), { code: 0, told: nothing })

  t.match(await migrate(server.url('nowhere')), {
    code: 1,
    told: /failed to bring the database up to date: .*"nowhere" does not exist\. Create the database/,
  })
  const wrong = await migrate(url.replace('postgres@', 'nobody:canary@'))
  t.match(wrong, { code: 1, told: /role "nobody" does not exist\. Check the user and the password/ })
  t.notMatch(wrong.told, 'canary')
})
