import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { loadConfig } from '../../../src/gateway/config/load-config.ts'
import { createContainer } from '../../../src/gateway/wiring/container.ts'
import { createLogger } from '../../../src/gateway/process/logger.ts'
import type { SimulatedUpstream } from '../../../src/simulator/simulated-upstream.ts'
import { startSimulator } from '../../../src/simulator/simulator.ts'
import type { Simulator } from '../../../src/simulator/simulator.ts'
import { knownDialects } from '../../../src/gateway/upstreams/dialects.ts'

export const gatewayKey = randomBytes(24).toString('base64url')

/** Sold by whoever is behind the relay, and by one that can be asked instead, at twice the price. */
const vendor: SimulatedUpstream = {
  id: 'vendor',
  kind: 'official',
  dialect: 'openai-videos',
  apiKey: 'vendor-key-0001',
  models: ['sora-2'],
  durations: [4, 8],
  sizes: ['320x180', '180x320'],
  price: { perSecondUsd: { default: 0.1 } },
  chargedOn: 'success',
  render: { milliseconds: 400 },
  characters: false,
  oneClip: true,
}
const spare: SimulatedUpstream = {
  ...vendor,
  id: 'spare',
  apiKey: 'spare-key-0001',
  price: { perSecondUsd: { default: 0.2 } },
}

export interface Stage extends AsyncDisposable {
  gateway: string
  simulator: Simulator
  vendor: { baseUrl: string; apiKey: string }
}

/** What the models are called: by way of the relay, by way of it without its profile, or at the vendor directly. */
const relayed = ['sora-2', 'impatient', 'dead', 'falls', 'nowhere']
const unprepared = ['unprepared']
const direct = ['direct']

/** A gateway whose cheapest upstream is a LiteLLM proxy at that port, over a simulated vendor. */
export async function startStage(proxy: { port: number; key: string }): Promise<Stage> {
  await using opened = new AsyncDisposableStack()
  const directory = await mkdtemp(join(tmpdir(), 'understudy-relays-'))
  opened.defer(() => rm(directory, { recursive: true, force: true }))
  const simulator = await startSimulator({ upstreams: [vendor, spare] })
  opened.defer(() => simulator.close())
  const relay = { base_url: `http://127.0.0.1:${proxy.port}/v1`, api_key: proxy.key }
  const text = stringify({
    server: { port: 0 },
    storage: { url: `sqlite:${directory}/understudy.db` },
    media: { url: `file:${directory}/media` },
    auth: { keys: [{ name: 'trial', key: gatewayKey }] },
    fetch: { allow_private_hosts: ['127.0.0.1'] },
    routing: { model: 'sora-2', unknown_hold_seconds: 3 },
    upstreams: [
      { id: 'relay', profile: 'litellm', ...relay, ...perSecond(0.1), models: same(relayed) },
      { id: 'unprepared', ...relay, ...perSecond(0.1), models: mapped(unprepared) },
      { id: 'vendor', ...own(simulator, vendor), ...perSecond(0.1), models: mapped(direct) },
      {
        id: 'spare',
        ...own(simulator, spare),
        ...perSecond(0.2),
        models: mapped([...relayed, ...unprepared, ...direct]),
      },
    ].map((upstream) => ({ ...shared, ...upstream })),
  })
  const loaded = loadConfig({ text, fileName: null, env: {}, knownDialects })
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  const container = await createContainer(loaded.config, loaded.secrets, {
    logger: createLogger('silent', { write: () => undefined }),
  })
  opened.use(container)
  const gateway = await container.listen()
  const resources = opened.move()
  return {
    gateway,
    simulator,
    vendor: { baseUrl: simulator.baseUrl('vendor'), apiKey: vendor.apiKey },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

const shared = {
  kind: 'official',
  dialect: 'openai-videos',
  durations: vendor.durations,
  sizes: vendor.sizes,
  poll: { first_after_seconds: 0.3, every_seconds: 0.3 },
  timeouts: { connect_seconds: 2, create_seconds: 8, stall_seconds: 60, attempt_seconds: 120 },
  // Each case is looked at alone: what one of them broke is not to be seen in the next.
  breaker: { failure_rate: 1, window_seconds: 1, min_calls: 1000, open_seconds: 0.1 },
}

function own(simulator: Simulator, { id, apiKey }: SimulatedUpstream) {
  return { base_url: simulator.baseUrl(id), api_key: apiKey }
}

const same = (models: readonly string[]) => Object.fromEntries(models.map((model) => [model, model]))
const mapped = (models: readonly string[]) => Object.fromEntries(models.map((model) => [model, 'sora-2']))

function perSecond(usd: number) {
  return { price: { per_second_usd: { default: usd } } }
}
