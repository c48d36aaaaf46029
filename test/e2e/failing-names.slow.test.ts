import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import type { Test } from 'tap'
import { startSimulator } from '../../src/simulator/simulator.ts'
import { startDnsServer } from '../fixtures/dns-server.ts'
import type { Said } from '../fixtures/zone.ts'
import { probeHealth } from '../hostile/health-probe.ts'
import { json, startHttp } from '../upstreams/loopback.ts'
import { startProcess } from './gateway-process.ts'
import { configText, keys, official, reverse } from './gateway.ts'
import { startReceiver } from './receiver.ts'

const faults: { host: string; said: Said; message: RegExp }[] = [
  { host: 'sick.example', said: 'servfail', message: /^The name servers reported an error/ },
  { host: 'silent.example', said: 'silence', message: /^The name servers did not respond in time/ },
  { host: 'gone.example', said: 'nxdomain', message: /^The host name does not exist/ },
]
/** An upstream's own name, which fails as the first one does. */
const api = 'api.example'
const here: Said = ['127.0.0.1']
const healthy = { ...official, id: 'healthy' }
const upstreams = [reverse, official, healthy]

const at = (upstream: string) => ({ duration: 4, routing: { upstreams: [upstream], duration: 'nearest' } })

/** A gateway as a process of its own that asks the test's name server only. */
async function start(t: Test) {
  const zone: Record<string, Said[]> = { [api]: ['servfail'] }
  for (const { host, said } of faults) zone[host] = [said]
  const { server } = await startDnsServer(t, zone)
  const simulator = await startSimulator({ upstreams })
  const { port } = new URL(simulator.origin)
  const receiver = await startReceiver(t)
  // A vendor whose results lie at the host that its prompt names.
  const vendor = await startHttp(t, ({ method, url, body }, response) => {
    if (method === 'POST') return json(response, 200, { task_id: `task_${JSON.parse(String(body)).prompt}` })
    const host = /task_([a-z.]+)/.exec(url)?.[1]
    const clip = `http://${host}:${port}/clips/harbour.mp4?seconds=10&size=320x240`
    return json(response, 200, { status: 'completed', video_url: clip })
  })
  const directory = await mkdtemp(join(tmpdir(), 'understudy-names-'))
  const file = join(directory, 'understudy.yaml')
  const settings = {
    [reverse.id]: { base_url: vendor.baseUrl },
    [official.id]: { base_url: simulator.baseUrl(official.id).replace('127.0.0.1', api) },
  }
  const fetchSettings = {
    dns_servers: [server],
    allow_private_hosts: ['127.0.0.1', ...faults.map(({ host }) => host)],
  }
  await writeFile(
    file,
    configText(simulator, upstreams, directory, {
      patient: true,
      settings,
      fetch: fetchSettings,
    }),
  )
  const gateway = await startProcess(file)
  t.teardown(async () => {
    gateway.child.kill('SIGKILL')
    await simulator.close()
    await rm(directory, { recursive: true, force: true })
  })
  async function call(path: string, body?: object): Promise<any> {
    const headers = { authorization: `Bearer ${keys.studio}`, 'content-type': 'application/json' }
    const response = await fetch(`${gateway.address}${path}`, {
      headers,
      ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
    })
    return response.json()
  }
  return { ...gateway, zone, simulator, receiver, port, call }
}

async function until(look: () => Promise<boolean>): Promise<boolean> {
  for (let tries = 0; tries < 2000; tries++) {
    if (await look()) return true
    await pause(50)
  }
  return false
}

t.test(
  'names that fail in any way are said to, stop nothing, and work as soon as they resolve',
  async (t) => {
    const { address, child, call, zone, receiver, simulator, port } = await start(t)
    const health = probeHealth({ address, child })
    const shown = (id: string) => call(`/generations/${id}`)
    const deliveries = async (id: string) => (await call(`/generations/${id}/deliveries`)).data
    const isCompleted = async (id: string) => (await shown(id)).status === 'completed'
    await call('/webhook-secrets', {})

    const unsent = await call('/generate', { prompt: 'a pier', ...at(official.id) })
    const stuck = new Map<string, string>()
    for (const { host } of faults) {
      const webhook = {
        webhook_url: `http://${host}:${receiver.port}/${host}`,
        webhook_events: ['generation.queued'],
      }
      stuck.set(host, (await call('/generate', { prompt: host, ...at(reverse.id), ...webhook })).id)
    }

    for (const { host, message } of faults) {
      t.test(`${host}: each who names it is told so`, async (t) => {
        const clip = { video_url: `http://${host}:${port}/clips/girl.mp4?seconds=2&size=320x240` }
        const unreachable = { status: 422, code: 'url_unreachable', detail: message }
        const answers = await Promise.all([
          call('/characters', { name: 'girl', ...clip }),
          call('/generate', { prompt: 'a pier', reference: clip }),
          call('/generate', {
            prompt: 'a pier',
            reference: { image_url: `http://${host}:${port}/frame.png` },
          }),
        ])
        for (const answer of answers) t.match(answer, unreachable)
        const id = stuck.get(host) ?? ''
        t.ok(await until(async () => (await deliveries(id))[0]?.tries.length > 0))
        t.match((await deliveries(id))[0].tries[0], { message })
        t.ok(await until(async () => (await shown(id)).attempts[0].last_error !== null))
        t.match(await shown(id), { attempts: [{ state: 'archiving', last_error: { message } }] })
      })
    }

    t.test('what a name meant before counts for nothing', async (t) => {
      zone['moving.example'] = [['10.0.0.1'], 'nxdomain', 'servfail', here]
      const clip = { video_url: `http://moving.example:${port}/clips/girl.mp4?seconds=2&size=320x240` }
      const create = () => call('/characters', { name: 'mover', ...clip })
      t.match(await create(), { code: 'url_forbidden' })
      t.match(await create(), { code: 'url_unreachable', detail: /does not exist/ })
      t.match(await create(), { code: 'url_unreachable', detail: /reported an error/ })
      t.match(await create(), { object: 'character' })
    })

    t.test('a vendor and a caller beside them are served', async (t) => {
      const { id } = await call('/generate', { prompt: 'a lighthouse', ...at(healthy.id) })
      t.ok(await until(() => isCompleted(id)))
      t.match(await shown(unsent.id), {
        attempts: [{ failure: { message: /could not be resolved \(EAI_AGAIN\)/ } }],
      })
      t.equal(simulator.control.renders().length, 1, 'nothing was sent where the name fails')
    })

    t.test('what waits goes on once the names resolve', async (t) => {
      for (const host of [api, ...faults.map(({ host: each }) => each)]) zone[host] = [here]
      for (const [host, id] of stuck) {
        const clip = { video_url: `http://${host}:${port}/clips/girl.mp4?seconds=2&size=320x240` }
        t.match(await call('/characters', { name: host.replace('.', '_'), ...clip }), { object: 'character' })
        t.ok(await until(() => isCompleted(id)), host)
        await call(`/deliveries/${(await deliveries(id))[0].id}/redeliver`, {})
        t.ok(await until(async () => receiver.messages.some(({ path }) => path === `/${host}`)))
      }
      t.ok(await until(() => isCompleted(unsent.id)))
      t.equal((await shown(unsent.id)).cost_usd, 0.4)
    })

    t.test('the process answered for its health all the time, and stops when it is told to', async (t) => {
      const figures = await health.stop()
      t.comment(JSON.stringify(figures))
      t.ok(figures.p99 < figures.limit)
      t.equal(child.exitCode, null)
      child.kill('SIGTERM')
      t.equal((await once(child, 'exit'))[0], 0)
    })
  },
)
