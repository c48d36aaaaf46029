import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { keys, reverse } from '../e2e/gateway.ts'
import { startReceiver } from '../e2e/receiver.ts'
import { openChanges } from '../fixtures/change-stream.ts'
import { skipWithout } from '../observe/programs.ts'
import { postgresDatabases } from './databases.ts'
import { changesOf, openNodes } from './nodes.ts'
import { startPgBouncer } from './pgbouncer.ts'
import { prepareCommand } from './run-command.ts'
import { runDoctor } from '../../src/gateway/doctor-command.ts'
import { skipsPostgres } from './server.ts'

const scene = { prompt: 'a lighthouse of glass', duration: 10 }
const studio = { authorization: `Bearer ${keys.studio}` }
const longestMs = 1000

t.test(
  'nodes behind PgBouncer in transaction mode',
  { skip: skipsPostgres() || skipWithout('pgbouncer') },
  async (t) => {
    const { create } = await postgresDatabases(t)

    await t.test('a node without a direct connection accepts, renders and delivers', async (t) => {
      const url = await startPgBouncer(t, await create())
      const nodes = await openNodes(t, { url, upstreams: [reverse], storage: { prepared_statements: false } })
      const node = await nodes.start('all')
      const receiver = await startReceiver(t)
      t.equal((await node.call('POST', '/webhook-secrets')).status, 201)
      const { status, body } = await node.call('POST', '/generate', {
        ...scene,
        webhook_url: `${receiver.url}/hook`,
      })
      t.equal(status, 202)
      const waited = await node.call('GET', `/generations/${body.id}?wait=30`)
      t.equal(waited.body.status, 'completed')
      const isTold = () => receiver.messages.some((message) => message.body.data.status === 'completed')
      while (!isTold()) await pause(10)
      t.equal((await node.call('GET', `/generations/${body.id}/video`)).status, 200)
    })

    await t.test('doctor says that nothing is heard through it, and what to set', async (t) => {
      const doctor = await prepareCommand(t, runDoctor)
      const direct = await create()
      const url = await startPgBouncer(t, direct)
      const unaware = await doctor({ url })
      t.equal(unaware.code, 1)
      t.match(unaware.told, /answers  .*\n *This is a pooler.* storage.prepared_statements: false/)
      const declared = await doctor({ url, prepared_statements: false })
      t.equal(declared.code, 0, declared.told)
      t.match(declared.told, /listens  not behind this pooler.*\n *To hear at once, set storage.listen_url/)
      const heard = await doctor({ url, prepared_statements: false, listen_url: direct })
      t.equal(heard.code, 0, heard.told)
      t.match(heard.told, /listens  ok, \d+ ms/)
      const wrong = await doctor({ url: direct, listen_url: url })
      t.equal(wrong.code, 1)
      t.match(wrong.told, /listens  no notification arrives.*\n *Set storage.listen_url/)
      t.match(wrong.told, 'Needs attention: the database.')
    })

    await t.test('a node that listens on a direct connection hears of others within a second', async (t) => {
      const direct = await create()
      const url = await startPgBouncer(t, direct)
      const storage = { prepared_statements: false, listen_url: direct }
      const nodes = await openNodes(t, { url, upstreams: [reverse], storage })
      const [a, b] = [await nodes.start('api'), await nodes.start('api')]
      await using changes = await changesOf(b, studio)
      const { body } = await a.call('POST', '/generate', scene)
      const begun = performance.now()
      const within = (what: string, since: number): void => {
        const took = Math.round(performance.now() - since)
        t.ok(took < longestMs, `${what}: ${took} ms`)
      }
      await changes.until(({ data }) => data.id === body.id)
      within('GET /events', begun)
      await using stream = await openChanges(b.address, studio, `/generations/${body.id}/events`)
      await stream.until(() => true)
      const polled = b.call('GET', `/generations/${body.id}?wait=30`)
      // It was asked after the poll, which has read the generation and waits by now.
      await b.call('GET', `/generations/${body.id}`)
      const cancelled = performance.now()
      await a.call('POST', `/generations/${body.id}/cancel`)
      t.equal((await polled).body.status, 'cancelled')
      within('?wait=', cancelled)
      await stream.until(({ data }) => JSON.stringify(data).includes('cancelled'))
      within('events of the generation', cancelled)
    })
  },
)
