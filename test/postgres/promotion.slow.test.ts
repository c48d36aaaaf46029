import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { skipsCluster, startCluster } from '../chaos/fleet/cluster.ts'
import { keys, official, reverse, startGateway } from '../e2e/gateway.ts'
import type { Gateway } from '../e2e/gateway.ts'
import { startCutProxy } from './cut-proxy.ts'
import { postgresDatabases } from './databases.ts'
import { skipsPostgres } from './server.ts'

const skip = skipsPostgres()
if (skip !== false) {
  t.comment(skip)
  process.exit(0)
}
const databases = await postgresDatabases(t)
const { server } = databases

const operator = { authorization: `Bearer ${keys.other}` }
const scene = (prompt: string) => ({ prompt, duration: 10, routing: { upstreams: ['reseller'] } })
/** Renders that were paid. */
const sent = (gateway: Gateway) => gateway.simulator.control.renders('reseller').length

async function stage(t: Test, url?: string) {
  const lines: string[] = []
  const storage = { url: url ?? (await databases.create()), connections: 5 }
  const gateway = await startGateway(t, {
    upstreams: [reverse, official],
    keys: { other: { scopes: ['operate', 'admin'] } },
    patient: true,
    storage,
    onLine: (line) => lines.push(line),
  })
  return { gateway, lines }
}

async function heldSince(gateway: Gateway) {
  const { body } = await gateway.call('GET', '/operations/restore', undefined, operator)
  return body.held_since
}

/** Starts this data as a standby and promotes it: what was committed after it was copied is lost, as with a slow standby. */
async function promote(data: string = server.data): Promise<void> {
  await server.stop('SIGQUIT')
  if (data !== server.data) {
    execFileSync('rm', ['-r', server.data])
    execFileSync('cp', ['-a', data, server.data])
  }
  execFileSync('cp', ['-a', join(server.data, 'PG_VERSION'), join(server.data, 'standby.signal')])
  await server.start()
  await server.query(server.url('postgres'), 'select pg_promote()')
}

/** A copy of the data as a standby would have it that got nothing since. */
async function copyData(): Promise<string> {
  const copy = `${server.data}-standby`
  await server.stop()
  execFileSync('rm', ['-rf', copy])
  execFileSync('cp', ['-a', server.data, copy])
  await server.start()
  return copy
}

t.test(
  'a standby that lacks commits is promoted under a node: nothing that may have been sent is sent again before the release',
  async (t) => {
    const { gateway, lines } = await stage(t)
    const { body: queued } = await gateway.call('POST', '/generate', scene('a paper boat'))
    const copy = await copyData()
    // On the server that is lost afterwards.
    const lost = await gateway.generate(scene('a tin soldier'))
    t.equal(lost.status, 'completed')
    t.equal((await gateway.finished(queued.id)).status, 'completed')
    t.equal(sent(gateway), 2)

    await promote(copy)
    await gateway.advance(60_000).catch(() => undefined)
    for (let count = 0; count < 10; count++) await gateway.advance(5000)
    t.equal(sent(gateway), 2, 'what the standby does not know as sent is not sent')
    t.ok(await heldSince(gateway))
    t.match(await gateway.call('GET', `/generations/${queued.id}`), {
      body: { status: 'queued', warnings: [{ code: 'held_after_restore' }] },
    })
    t.match(lines.join(''), 'the database was promoted or copied and may lack commits')
    await gateway.restart()
    t.ok(await heldSince(gateway), 'also after a start')

    const released = await gateway.call('POST', '/operations/release', undefined, operator)
    t.equal(released.status, 200)
    await gateway.restart()
    t.equal(await heldSince(gateway), null, 'one promotion is held once')
  },
)

t.test('a node that starts after the promotion is held as well', async (t) => {
  const { gateway } = await stage(t)
  await gateway.call('POST', '/generate', scene('a paper boat'))
  await gateway.container[Symbol.asyncDispose]()
  await promote()
  await gateway.restart()
  t.ok(await heldSince(gateway))
  await gateway.advance(30_000)
  t.equal(sent(gateway), 0)
})

t.test(
  'after the promotion of a standby that commits waited for, all goes on without a release',
  { skip: skipsCluster() },
  async (t) => {
    const cluster = await startCluster()
    t.teardown(() => cluster.remove())
    const proxy = await startCutProxy(cluster.url())
    t.teardown(() => proxy.close())
    const { gateway, lines } = await stage(t, proxy.url)
    t.notMatch(lines.join(''), 'no commit waits for a standby')
    const { body: queued } = await gateway.call('POST', '/generate', scene('a paper boat'))
    await cluster.promote()
    proxy.aim(cluster.url())
    proxy.cut()
    t.equal((await gateway.finished(queued.id)).status, 'completed')
    t.equal(await heldSince(gateway), null)
    t.equal(sent(gateway), 1)
    t.match(lines.join(''), 'a synchronous standby was promoted; no commit is missing')
    t.match(lines.join(''), 'no commit waits for a standby', 'the one that took its place has none itself')
  },
)
