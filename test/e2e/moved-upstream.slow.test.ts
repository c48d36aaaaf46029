import t from 'tap'
import type { Test } from 'tap'
import { loadConfig } from '../../src/gateway/config/load-config.ts'
import { startSimulator } from '../../src/simulator/simulator.ts'
import { inlineDialects, knownDialects } from '../../src/gateway/upstreams/dialects.ts'
import { configText, official, reverse, startGateway } from './gateway.ts'
import type { Gateway } from './gateway.ts'

const slow = { ...reverse, render: { polls: 12 } }
const second = { ...slow, id: 'second' }
const dear = { ...official, id: 'dear' }
const order = { prompt: 'a paper boat', duration: 5 }

interface Stage {
  gateway: Gateway
  /** Another vendor that accepts the same key. */
  elsewhere: Awaited<ReturnType<typeof startSimulator>>
  /** Points the reseller to it; takes effect after `restart` or `reload`. */
  point: (changes: object) => void
  reload: () => void
  running: () => Promise<string>
  see: (id: string) => Promise<any>
  /** The number of renders requested from both vendors. */
  renders: () => number
}

async function stage(t: Test, spare = false): Promise<Stage> {
  const settings: Record<string, object> = { reseller: {} }
  const upstreams = [slow, dear, second]
  const configured = spare ? [slow, dear, second] : [slow, dear]
  const gateway = await startGateway(t, { upstreams, configured, settings })
  // Another name for the same account, which takes no work.
  if (spare) settings['second'] = { enabled: false, base_url: gateway.simulator.baseUrl('reseller') }
  const elsewhere = await startSimulator({ upstreams, clock: { now: () => gateway.now() } })
  t.teardown(() => elsewhere.close())
  const see = async (id: string) => (await gateway.call('GET', `/generations/${id}`)).body
  return {
    gateway,
    elsewhere,
    point: (changes) => (settings['reseller'] = changes),
    reload() {
      const text = configText(gateway.simulator, configured, gateway.directory, { settings })
      const loaded = loadConfig({ text, fileName: null, env: {}, knownDialects, inlineDialects })
      if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
      t.match(gateway.container.reload(loaded), { type: 'reloaded' })
    },
    async running() {
      const { body } = await gateway.call('POST', '/generate', order)
      for (let round = 0; round < 3; round++) await gateway.advance(1000)
      t.match(await see(body.id), { attempts: [{ upstream: 'reseller', state: 'running' }] })
      return body.id
    },
    see,
    renders: () =>
      [gateway.simulator, elsewhere]
        .flatMap(({ control }) => upstreams.map(({ id }) => control.renders(id).length))
        .reduce((sum, count) => sum + count, 0),
  }
}

async function pass(gateway: Gateway, ms: number, times: number): Promise<void> {
  for (let time = 0; time < times; time++) await gateway.advance(ms)
}

t.test('a reload that points an upstream elsewhere leaves its jobs with who took them', async (t) => {
  const { gateway, elsewhere, point, reload, running, renders } = await stage(t)
  const id = await running()
  point({ base_url: elsewhere.baseUrl('reseller') })
  reload()
  t.match(await gateway.finished(id), { status: 'completed', attempts: [{ upstream: 'reseller' }] })
  t.equal(renders(), 1)
  t.match(await gateway.generate(order), { status: 'completed' })
  t.equal(elsewhere.control.renders('reseller').length, 1, 'new work goes to the new address')
})

t.test('a reload with another key leaves the jobs with the account that took them', async (t) => {
  const { gateway, point, reload, running, renders } = await stage(t)
  const id = await running()
  point({ api_key: 'a-key-of-another-account' })
  reload()
  t.match(await gateway.finished(id), { status: 'completed', attempts: [{ upstream: 'reseller' }] })
  t.equal(renders(), 1)
})

t.test('after a restart at another address nobody else is asked, and nothing is sent again', async (t) => {
  const { gateway, elsewhere, point, running, see, renders } = await stage(t)
  const id = await running()
  point({ base_url: elsewhere.baseUrl('reseller') })
  await gateway.restart()
  await pass(gateway, 60_000, 4)
  const waiting = await see(id)
  t.match(waiting, { status: 'in_progress', attempts: [{ last_error: { code: 'origin_changed' } }] })
  t.equal(waiting.attempts.length, 1)
  t.equal(renders(), 1)
  point({})
  await gateway.restart()
  await pass(gateway, 60_000, 15)
  t.match(await see(id), { video: { content_type: 'video/mp4' }, attempts: [{ state: 'succeeded' }] })
  t.equal(renders(), 1)
})

t.test(
  'an upstream that has the earlier address and key is asked in the place of the one that moved',
  async (t) => {
    const { gateway, elsewhere, point, running, renders } = await stage(t, true)
    const id = await running()
    point({ base_url: elsewhere.baseUrl('reseller') })
    await gateway.restart()
    t.match(await gateway.finished(id), { status: 'completed', attempts: [{ upstream: 'reseller' }] })
    t.equal(renders(), 1)
  },
)

t.test('another account of the same server may deliver a job, and cannot deny it', async (t) => {
  const { gateway, point, running, see, renders } = await stage(t)
  const id = await running()
  point({ base_url: gateway.simulator.baseUrl('second') })
  await gateway.restart()
  await pass(gateway, 10_000, 8)
  const waiting = await see(id)
  t.match(waiting, { attempts: [{ state: /running|abandoned/, last_error: { code: 'origin_changed' } }] })
  t.equal(renders(), 1, 'it was not found for minutes, and not sent to anybody else')
})
