import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Test } from 'tap'
import { stringify } from 'yaml'
import { loadConfig } from '../../src/gateway/config/load-config.ts'
import { createContainer } from '../../src/gateway/wiring/container.ts'
import type { Container, ContainerOptions } from '../../src/gateway/wiring/container.ts'
import type { Wrappers } from '../../src/gateway/wiring/stores.ts'
import { createLogger } from '../../src/gateway/process/logger.ts'
import type { Upstream } from '../../src/gateway/ports/upstream.ts'
import { startSimulator } from '../../src/simulator/simulator.ts'
import type { Simulator } from '../../src/simulator/simulator.ts'
import type { SimulatedUpstream } from '../../src/simulator/simulated-upstream.ts'
import { inlineDialects, knownDialects } from '../../src/gateway/upstreams/dialects.ts'
import { createHeldClock } from '../fixtures/held-clock.ts'
import { createLeakWatch } from './leaks.ts'
import type { LeakWatch } from './leaks.ts'

export const reverse: SimulatedUpstream = {
  id: 'reseller',
  kind: 'reverse',
  dialect: 'sora-tasks',
  apiKey: 'reseller-key-0001',
  models: ['sora-2'],
  durations: [5, 10, 15],
  sizes: ['320x240', '240x320'],
  price: { perRequestUsd: 0.12 },
  chargedOn: 'success',
  render: { polls: 2 },
  characters: true,
  oneClip: true,
}

export const official: SimulatedUpstream = {
  id: 'official',
  kind: 'official',
  dialect: 'openai-videos',
  apiKey: 'official-key-0001',
  models: ['sora-2'],
  durations: [4, 8, 12],
  sizes: ['320x240', '240x320'],
  price: { perSecondUsd: { default: 0.1 } },
  chargedOn: 'success',
  render: { polls: 2 },
  characters: false,
  oneClip: true,
}

export const keys = {
  studio: 'studio-iFCx2cAmQ1RIHQSm',
  bank: 'bank-Vq7ShM2yGx0JcEr4Wn',
  other: 'other-Zf1LnC8vXk5GwT3j',
}

export interface Answer {
  status: number
  headers: Headers
  body: any
}

export interface Gateway {
  address: string
  directory: string
  /** The names of every file in the archive's folder, sorted; half-written ones too. */
  files(): Promise<string[]>
  simulator: Simulator
  /** Sees every answer and every line of the log; a test that ends with something found has failed. */
  leaks: LeakWatch
  container: Container
  now(): number
  /** Moves the clock and lets the workers do what is due then. */
  advance(ms: number): Promise<void>
  /** Sets the wall clock, by so much; no time passes. */
  setClock(byMs: number): void
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>
  /** POST /generate, then steps until the generation has ended; its last state. */
  generate(body: object, headers?: Record<string, string>): Promise<Answer['body']>
  finished(id: string, headers?: Record<string, string>): Promise<Answer['body']>
  /**
   * Stops this gateway and starts another on the same data and the same simulator, `stoppedMs` of the held clock later;
   * with other upstreams of the simulator where they are given.
   */
  restart(
    stoppedMs?: number,
    configured?: SimulatedUpstream[],
    /** As with `--restored`. */
    restored?: boolean,
  ): Promise<void>
}

interface Options {
  upstreams?: SimulatedUpstream[]
  /** Those of them that the gateway knows; all when absent. */
  configured?: SimulatedUpstream[]
  /** Laid over each upstream's configuration, by id. */
  settings?: Record<string, object>
  routing?: object
  media?: object
  retention?: object
  fetch?: object
  /** Laid over each key's configuration, by name. */
  keys?: Record<string, object>
  /** Workers run by themselves, by the wall clock. */
  live?: boolean
  /** Upstreams have 30 real seconds to connect and to answer a create, not one: where nothing hangs, a busy machine is no fault. */
  patient?: boolean
  /** Of the process. */
  env?: Record<string, string>
  /** How the end of a step of a comparison or series is waited for. */
  stepPause?: ContainerOptions['stepPause']
  /** What stands between the gateway and its adapters. */
  wrap?: Wrappers
  /** Sees every line of the log. */
  onLine?: (line: string) => void
}

const steps = 4000
/** Jobs take seconds, holds and deadlines up to an hour: what has not ended after a minute is looked at less often. */
const stepMs = (step: number): number => (step < 60 ? 1000 : step < 100 ? 5000 : 15_000)
const mostTries = 60

/** A gateway on a clock that the test holds, with the simulator as its upstreams, over real HTTP on loopback. */
export async function startGateway(t: Test, options: Options = {}): Promise<Gateway> {
  const {
    upstreams = [reverse, official],
    settings = {},
    routing = {},
    media = {},
    retention = {},
    keys: keySettings = {},
    live = false,
    patient = false,
    env = {},
    wrap = {},
  } = options
  const leaks = createLeakWatch([...Object.values(keys), ...upstreams.map(({ apiKey }) => apiKey)])
  const log = {
    write(text: string) {
      leaks.line(text)
      options.onLine?.(text)
    },
  }
  const directory = await mkdtemp(join(tmpdir(), 'understudy-'))
  const held = createHeldClock()
  const simulator = await startSimulator({ upstreams, ...(!live && { clock: { now: held.monotonic } }) })
  let { configured = upstreams } = options
  let container = await start()
  let address = await container.listen()
  t.teardown(async () => {
    await container[Symbol.asyncDispose]()
    await simulator.close()
    await rm(directory, { recursive: true, force: true })
    if (leaks.found.length > 0) throw new Error(`secrets were told:\n${leaks.found.join('\n')}`)
  })

  async function start(restored = false): Promise<Container> {
    const text = configText(simulator, configured, directory, {
      settings,
      routing,
      media,
      retention,
      keys: keySettings,
      live,
      patient,
    })
    const loaded = loadConfig({ text, fileName: null, env, knownDialects, inlineDialects })
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
    return createContainer(loaded.config, loaded.secrets, {
      logger: createLogger('trace', log),
      wrap,
      restored,
      ...(options.stepPause !== undefined && { stepPause: options.stepPause }),
      ...(!live && { clock: held.clock, monotonic: held.monotonic }),
    })
  }

  async function once(
    method: string,
    path: string,
    body: unknown,
    headers: Record<string, string>,
  ): Promise<Answer> {
    const response = await fetch(`${address}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${keys.studio}`,
        ...(body !== undefined && !(body instanceof FormData) && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: body instanceof FormData ? body : JSON.stringify(body) }),
    })
    const json = response.headers.get('content-type')?.includes('json') === true
    const bytes = Buffer.from(await response.arrayBuffer())
    leaks.look(`${method} ${path}`, JSON.stringify([...response.headers]))
    leaks.look(`${method} ${path}`, bytes)
    return {
      status: response.status,
      headers: response.headers,
      body: json && bytes.length > 0 ? JSON.parse(bytes.toString()) : bytes,
    }
  }

  const gateway: Gateway = {
    get address() {
      return address
    },
    get container() {
      return container
    },
    directory,
    async files() {
      const entries = await readdir(join(directory, 'media'), { recursive: true, withFileTypes: true })
      return entries.flatMap((entry) => (entry.isFile() ? [entry.name] : [])).toSorted()
    },
    simulator,
    leaks,
    now: () => held.clock.now(),
    async advance(ms) {
      held.advance(ms)
      // Where keys cannot be read it throws, and is tried again, as by its janitor.
      while ((await container.endUnsent().catch(() => 0)) > 0);
      await container.runUpkeep()
      while ((await container.loop.tick()) + (await container.deliveries.tick()) > 0);
    },
    setClock: (byMs) => held.set(byMs),
    async call(method, path, body, headers = {}) {
      for (let tries = 1; ; tries++) {
        const answer = await once(method, path, body, headers)
        // Load is shed before a call is looked at: where the machine is busy with something else, asking again is safe.
        if (answer.body?.code !== 'overloaded' || tries >= mostTries) return answer
        await pause(500)
      }
    },
    async generate(body, headers = {}) {
      const accepted = await gateway.call('POST', '/generate', body, headers)
      if (accepted.status !== 202) throw new Error(JSON.stringify(accepted.body))
      return gateway.finished(accepted.body.id, headers)
    },
    async finished(id, headers = {}) {
      for (let step = 0; step < steps; step++) {
        const { body } = await gateway.call('GET', `/generations/${id}`, undefined, headers)
        if (['completed', 'failed', 'cancelled'].includes(body.status)) return body
        await gateway.advance(stepMs(step))
      }
      throw new Error(`${id} did not end`)
    },
    async restart(stoppedMs = 0, others = configured, restored = false) {
      await container[Symbol.asyncDispose]()
      held.advance(stoppedMs)
      configured = others
      container = await start(restored)
      address = await container.listen()
    },
  }
  return gateway
}

/** A wrapper that puts something in the place of methods of every upstream. */
export function eachUpstream(
  change: (upstream: Upstream) => Partial<Upstream>,
): NonNullable<Wrappers['directory']> {
  return (directory) => {
    const upstreams = new Map(directory.all().map((each) => [each.spec.id, { ...each, ...change(each) }]))
    return {
      get: (id) => upstreams.get(id),
      all: () => [...upstreams.values()],
      close: () => directory.close(),
      holderOf: (id, account) => directory.holderOf(id, account),
    }
  }
}

export function configText(
  simulator: Simulator,
  upstreams: SimulatedUpstream[],
  directory: string,
  {
    settings = {},
    routing = {},
    media = {},
    retention = {},
    fetch: fetchSettings = {},
    keys: keySettings = {},
    live = false,
    patient = false,
  }: Omit<Options, 'upstreams' | 'configured' | 'wrap' | 'env' | 'stepPause' | 'onLine'>,
): string {
  return stringify({
    server: { port: 0, role: live ? 'all' : 'api' },
    storage: { url: `sqlite:${directory}/understudy.db` },
    media: { url: `file:${directory}/media`, ...media },
    retention,
    auth: {
      keys: [
        { name: 'studio', key: keys.studio },
        { name: 'bank', key: keys.bank, allow: ['official'], ...keySettings['bank'] },
        { name: 'other', key: keys.other, ...keySettings['other'] },
      ],
    },
    routing: { model: 'sora-2', ...routing },
    fetch: { allow_private_hosts: ['127.0.0.1'], ...fetchSettings },
    upstreams: upstreams.map((upstream) => ({
      id: upstream.id,
      kind: upstream.kind,
      dialect: upstream.dialect,
      base_url: simulator.baseUrl(upstream.id),
      api_key: upstream.apiKey,
      models: Object.fromEntries(upstream.models.map((model) => [model, model])),
      durations: upstream.durations,
      sizes: upstream.sizes,
      ...(upstream.characters
        ? { characters: 'native' }
        : { characters: 'reference', references: ['image', 'video'] }),
      price: {
        ...('perRequestUsd' in upstream.price
          ? { per_request_usd: upstream.price.perRequestUsd }
          : { per_second_usd: upstream.price.perSecondUsd }),
        charged_on: upstream.chargedOn,
      },
      poll: { first_after_seconds: 1, every_seconds: 1 },
      timeouts: { ...answerTimes(patient), stall_seconds: 60, attempt_seconds: 300 },
      breaker: { failure_rate: 0.5, window_seconds: 30, min_calls: 100, open_seconds: 0.2 },
      ...settings[upstream.id],
    })),
  })
}

/** These are real time, which no held clock stretches. */
function answerTimes(patient: boolean) {
  return patient ? { connect_seconds: 30, create_seconds: 30 } : { connect_seconds: 1, create_seconds: 1 }
}
