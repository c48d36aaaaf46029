import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { startSimulator } from '../../src/simulator/simulator.ts'
import { json, startHttp } from '../upstreams/loopback.ts'
import { startProcess } from './gateway-process.ts'
import { configText, keys, official, reverse } from './gateway.ts'

/** Reserved for names that never exist (RFC 6761), asked of the resolver of this very machine. */
const nowhere = 'http://no-such-host.invalid'
const headers = { authorization: `Bearer ${keys.studio}`, 'content-type': 'application/json' }

const at = (upstream: string) => ({ routing: { upstreams: [upstream], duration: 'nearest' } })

async function until<Value>(look: () => Promise<Value>, holds: (value: Value) => boolean): Promise<Value> {
  for (let tries = 0; tries < 1200; tries++) {
    const value = await look()
    if (holds(value)) return value
    await pause(25)
  }
  throw new Error('did not come to hold')
}

t.test(
  'a host that does not exist ends a call, a delivery or a download, and never the process',
  async (t) => {
    const directory = await mkdtemp(join(tmpdir(), 'understudy-nowhere-'))
    const upstreams = [reverse, official]
    const simulator = await startSimulator({ upstreams })
    // A vendor whose results lie nowhere; the other one's API does.
    const vendor = await startHttp(t, ({ method }, response) => {
      if (method === 'POST') json(response, 200, { task_id: 'task_1' })
      else json(response, 200, { status: 'completed', video_url: `${nowhere}/v.mp4` })
    })
    const settings = {
      [reverse.id]: { base_url: vendor.baseUrl },
      [official.id]: { base_url: `${nowhere}/v1` },
    }
    const file = join(directory, 'understudy.yaml')
    await writeFile(file, configText(simulator, upstreams, directory, { settings }))
    let gateway = await startProcess(file)
    t.teardown(async () => {
      gateway.child.kill('SIGKILL')
      await simulator.close()
      await rm(directory, { recursive: true, force: true })
    })

    async function call(path: string, body?: object): Promise<any> {
      const response = await fetch(`${gateway.address}${path}`, {
        headers,
        ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
      })
      return response.json()
    }
    const scene = { prompt: 'a harbour', duration: 10 }

    const unreachable = { status: 422, code: 'url_unreachable' }
    t.match(await call('/characters', { name: 'girl', video_url: `${nowhere}/v.mp4` }), unreachable)
    t.match(await call('/generate', { ...scene, reference: { video_url: `${nowhere}/v.mp4` } }), unreachable)
    t.match(await call('/generate', { ...scene, reference: { image_url: `${nowhere}/v.png` } }), unreachable)

    const told = await call('/generate', {
      ...scene,
      ...at(reverse.id),
      webhook_url: `${nowhere}/hook`,
      webhook_events: ['generation.queued'],
    })
    t.match(told, { detail: /secret/ }, 'a webhook needs a secret first')
    await call('/webhook-secrets', {})
    const stuck = await call('/generate', {
      ...scene,
      ...at(reverse.id),
      webhook_url: `${nowhere}/hook`,
      webhook_events: ['generation.queued'],
    })
    const unsent = await call('/generate', { ...scene, ...at(official.id) })

    const tries = async (): Promise<{ message: string }[]> =>
      (await call(`/generations/${stuck.id}/deliveries`)).data?.[0]?.tries ?? []
    const state = async (): Promise<string> => (await call(`/generations/${stuck.id}`)).attempts?.[0]?.state
    t.match((await until(tries, (all) => all.length > 0))[0]?.message, /host name does not exist/)
    await until(state, (now) => now === 'archiving')
    t.same(vendor.seen.filter(({ method }) => method === 'POST').length, 1)

    const before = (await tries()).length
    gateway.child.kill('SIGKILL')
    await once(gateway.child, 'exit')
    gateway = await startProcess(file)
    await until(tries, (all) => all.length > before)
    t.equal(await state(), 'archiving', 'the download is tried on')
    t.not((await call(`/generations/${unsent.id}`)).status, 'completed')
    t.equal(gateway.child.exitCode, null)
    t.match(await (await fetch(`${gateway.address}/health/live`)).json(), {})
    gateway.child.kill('SIGTERM')
    const [code] = await once(gateway.child, 'exit')
    t.equal(code, 0, 'and it still stops when it is told to')
  },
)
