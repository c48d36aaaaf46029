import { setTimeout as pause } from 'node:timers/promises'
import { pino } from 'pino'
import t from 'tap'
import { openNotices } from '../../src/gateway/storage/fleet/notices.ts'
import { keys, official, reverse } from '../e2e/gateway.ts'
import { postgresDatabases } from './databases.ts'
import { adminKey, changesOf, openNodes } from './nodes.ts'
import { skipsPostgres } from './server.ts'

const scene = { prompt: 'a lighthouse of glass', duration: 10 }
const admin = { authorization: `Bearer ${adminKey}` }
const studio = { authorization: `Bearer ${keys.studio}` }

t.test('nodes of one database', { skip: skipsPostgres() }, async (t) => {
  const { create, server } = await postgresDatabases(t)

  await t.test('each node answers for what another one does', async (t) => {
    const url = await create()
    const nodes = await openNodes(t, { url, upstreams: [reverse] })
    const [a, b] = [await nodes.start('worker'), await nodes.start('api')]
    await using changes = await changesOf(b, studio)
    const notices = openNotices({ options: { connectionString: url }, logger: pino({ level: 'silent' }) })
    t.teardown(() => notices[Symbol.asyncDispose]())
    await new Promise<void>((resolve) => void notices.listen({ missed: resolve }))
    const work = new Promise<void>((resolve) => void notices.listen({ work: resolve }))
    const begun = performance.now()
    const accepted = await b.call('POST', '/generate', scene)
    t.equal(accepted.status, 202)
    const { id } = accepted.body
    const events = fetch(`${b.address}/generations/${id}/events`, { headers: studio }).then((answer) =>
      answer.text(),
    )
    while (nodes.simulator.control.renders('reseller').length === 0) await pause(1)
    t.comment(`the create came ${Math.round(performance.now() - begun)} ms after the request`)
    await work
    t.pass('workers are told of it')
    const told = changes.until(({ data }) => data.id === id && data.status === 'completed')
    const waited = await b.call('GET', `/generations/${id}?wait=30`)
    t.equal(waited.body.status, 'completed')
    t.match(await events, /event: generation\.completed|"status":"completed"/)
    await told
    await a.call('GET', '/health/live')
  })

  await t.test('an id of another node on GET /events leads to reading again, never to a gap', async (t) => {
    const nodes = await openNodes(t, { url: await create(), upstreams: [reverse] })
    const [a, b] = [await nodes.start('api'), await nodes.start('api')]
    await using first = await changesOf(a, studio)
    const { body } = await a.call('POST', '/generate', scene)
    const seen = await first.until(({ data }) => data.id === body.id)
    await using same = await changesOf(a, { ...studio, 'last-event-id': seen.id })
    t.equal((await same.until(() => true)).event, 'upstream.changed')
    await using other = await changesOf(b, { ...studio, 'last-event-id': seen.id })
    t.match(await other.until(() => true), { event: 'resync', data: { reason: 'restarted' } })
    await other.until(({ event }) => event === 'upstream.changed')
    await a.call('DELETE', `/generations/${body.id}`)
    await a.call('POST', `/generations/${body.id}/cancel`)
    await other.until(({ data }) => data.id === body.id && data.status === 'cancelled')
    await a.call('DELETE', `/generations/${body.id}`)
    await other.until(({ event, data }) => event === 'generation.removed' && data.id === body.id)
  })

  for (const notices of ['told', 'lost'] as const)
    await t.test(`what one node revokes or pauses holds on the others in a second: ${notices}`, async (t) => {
      const url = await create()
      if (notices === 'lost')
        await server.query(
          url,
          `create or replace function note_copy_change() returns trigger language plpgsql as $$
          begin
            insert into copy_versions (name, version) values (tg_argv[0], 1)
              on conflict (name) do update set version = copy_versions.version + 1;
            return null;
          end $$`,
        )
      const nodes = await openNodes(t, { url, upstreams: [official] })
      const [a, b] = [await nodes.start('api'), await nodes.start('api')]
      async function holdsOnB(what: string, holds: () => Promise<boolean>): Promise<void> {
        const begun = performance.now()
        while (!(await holds())) {
          if (performance.now() - begun > 5000) break
          // Calls with unknown keys are slowed down from the 20th on.
          await pause(100)
        }
        const took = performance.now() - begun
        t.comment(`${what}: ${Math.round(took)} ms`)
        t.ok(took < 1000, what)
      }
      const made = await a.call('POST', '/keys', { name: 'new', scopes: ['generate', 'read'] }, admin)
      t.equal(made.status, 201)
      const own = { authorization: `Bearer ${made.body.secret}` }
      const status = async () => (await b.call('GET', '/generations', undefined, own)).status
      await holdsOnB('a key is made', async () => (await status()) === 200)
      await using stream = await changesOf(b, own)
      await a.call('DELETE', `/keys/${made.body.id}`, undefined, admin)
      await holdsOnB('a key is revoked', async () => (await status()) === 401)
      await stream.ended()
      const operator = await a.call('POST', '/keys', { name: 'ops', scopes: ['operate'] }, admin)
      const ops = { authorization: `Bearer ${operator.body.secret}` }
      const pauseOf = async () => {
        const { status, body } = await b.call('GET', '/upstreams', undefined, ops)
        return status === 200 ? (body.data[0].pause?.reason ?? 'none') : status
      }
      await holdsOnB('a key of an operator', async () => (await pauseOf()) === 'none')
      const paused = await a.call('POST', '/upstreams/official/pause', { reason: 'a bill' }, ops)
      t.equal(paused.status, 200)
      await holdsOnB('an upstream is paused', async () => (await pauseOf()) === 'a bill')
      await a.call('POST', '/upstreams/official/resume', undefined, ops)
      await holdsOnB('an upstream is resumed', async () => (await pauseOf()) === 'none')
    })
})
