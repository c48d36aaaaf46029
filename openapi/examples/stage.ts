import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { stringify } from 'yaml'
import { loadConfig } from '../../src/gateway/config/load-config.ts'
import { createStdoutLogger } from '../../src/gateway/process/logger.ts'
import { knownDialects } from '../../src/gateway/upstreams/dialects.ts'
import { createContainer } from '../../src/gateway/wiring/container.ts'
import type { SimulatorControl } from '../../src/simulator/control/control.ts'
import { startSimulator } from '../../src/simulator/simulator.ts'
import type { SimulatedUpstream } from '../../src/simulator/simulated-upstream.ts'

/** When the examples happen. */
const begin = Date.UTC(2026, 10, 22, 15, 4, 5)

/** On a busy machine. */
const mostTries = 60

const key = 'examples-Kc2UxJ9oNz5FgA8t'

const upstreams: SimulatedUpstream[] = [
  {
    id: 'reseller-a',
    kind: 'reverse',
    dialect: 'sora-tasks',
    apiKey: 'reseller-key-0001',
    models: ['sora-2'],
    durations: [5, 10, 15],
    sizes: ['1280x720', '720x1280'],
    price: { perRequestUsd: 0.12 },
    chargedOn: 'success',
    render: { polls: 2 },
    characters: true,
    oneClip: true,
  },
  {
    id: 'openai',
    kind: 'official',
    dialect: 'openai-videos',
    apiKey: 'official-key-0001',
    models: ['sora-2'],
    durations: [4, 8, 12],
    sizes: ['1280x720', '720x1280'],
    price: { perSecondUsd: { default: 0.1 } },
    chargedOn: 'success',
    render: { polls: 2 },
    characters: false,
    oneClip: true,
  },
]

export interface ExampleStage extends AsyncDisposable {
  address: string
  simulatorOrigin: string
  call(
    method: string,
    path: string,
    body?: unknown,
    tries?: number,
  ): Promise<{ status: number; body: unknown }>
  /** Has an upstream fail in some way, or in none. */
  setFaults(upstream: string, faults: Parameters<SimulatorControl['setFaults']>[1]): void
  /** Lets time pass, and does all work that is due then. */
  pass(ms: number): Promise<void>
}

/** A gateway on a clock that stands still, with simulated upstreams, over HTTP on loopback. */
export async function openStage(): Promise<ExampleStage> {
  await using opened = new AsyncDisposableStack()
  const directory = await mkdtemp(join(tmpdir(), 'understudy-examples-'))
  opened.defer(() => rm(directory, { recursive: true, force: true }))
  let now = begin
  const simulator = await startSimulator({ upstreams, clock: { now: () => now } })
  opened.defer(() => simulator.close())
  const text = stringify({
    server: { port: 0 },
    storage: { url: `sqlite:${directory}/understudy.db` },
    media: { url: `file:${directory}/media` },
    auth: { keys: [{ name: 'studio', key, scopes: ['generate', 'read', 'operate', 'admin'] }] },
    routing: { model: 'sora-2' },
    fetch: { allow_private_hosts: ['127.0.0.1'] },
    upstreams: upstreams.map(({ id, kind, dialect, apiKey, models, durations, sizes, price, ...rest }) => ({
      id,
      kind,
      dialect,
      base_url: simulator.baseUrl(id),
      api_key: apiKey,
      models: Object.fromEntries(models.map((model) => [model, model])),
      durations,
      sizes,
      ...(rest.characters
        ? { characters: 'native' }
        : { characters: 'reference', references: ['image', 'video'] }),
      price: {
        ...('perRequestUsd' in price
          ? { per_request_usd: price.perRequestUsd }
          : { per_second_usd: price.perSecondUsd }),
        charged_on: rest.chargedOn,
      },
      poll: { first_after_seconds: 1, every_seconds: 1 },
      timeouts: { connect_seconds: 30, create_seconds: 30 },
    })),
  })
  const loaded = loadConfig({ text, fileName: null, env: {}, knownDialects })
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  const container = await createContainer(loaded.config, loaded.secrets, {
    logger: createStdoutLogger('error'),
    clock: { now: () => now },
    monotonic: () => now,
    stepped: true,
  })
  opened.use(container)
  const address = await container.listen()
  const resources = opened.move()
  return {
    address,
    simulatorOrigin: simulator.origin,
    async call(method, path, body) {
      const headers = {
        accept: 'application/json',
        authorization: `Bearer ${key}`,
        ...(body !== undefined && !(body instanceof FormData) && { 'content-type': 'application/json' }),
      }
      const sent = body === undefined ? {} : { body: body instanceof FormData ? body : JSON.stringify(body) }
      for (let tries = 1; ; tries++) {
        const response = await fetch(address + path, { method, headers, ...sent })
        const told = await response.text()
        // Load is shed before a request is processed, so repeating it changes nothing.
        if (response.status !== 503 || tries >= mostTries)
          return { status: response.status, body: told === '' ? null : JSON.parse(told) }
        await pause(500)
      }
    },
    setFaults: (upstream, faults) => simulator.control.setFaults(upstream, faults),
    async pass(ms) {
      now += ms
      await container.runUpkeep()
      while ((await container.loop.tick()) + (await container.deliveries.tick()) > 0);
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}
