import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Test } from 'tap'
import { stringify } from 'yaml'
import { loadConfig } from '../../src/gateway/config/load-config.ts'
import { folderMark } from '../../src/gateway/wiring/shared-folder.ts'
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
import { createTestStorage, holdStorageClock, storageSection } from './test-storage.ts'

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
  /** The names of all files in the archive, sorted, including incomplete ones. */
  files(): Promise<string[]>
  simulator: Simulator
  /** Checks every response and every line of the log for leaks. A test with findings fails. */
  leaks: LeakWatch
  container: Container
  now(): number
  /** Moves the clock and runs all work that is due then. */
  advance(ms: number): Promise<void>
  /** Moves the wall clock by this much; no time passes. */
  setClock(byMs: number): void
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>
  /** POST /generate, then steps until the generation has ended; returns its last state. */
  generate(body: object, headers?: Record<string, string>): Promise<Answer['body']>
  finished(id: string, headers?: Record<string, string>): Promise<Answer['body']>
  /**
   * Stops this gateway and starts another one on the same data and simulator, `stoppedMs` of the held clock later;
   * optionally with other upstreams.
   */
  restart(
    stoppedMs?: number,
    configured?: SimulatedUpstream[],
    /** Like `--restored`. */
    restored?: boolean,
  ): Promise<void>
}

interface Options {
  upstreams?: SimulatedUpstream[]
  /** The upstreams in the configuration; default: all. */
  configured?: SimulatedUpstream[]
  /** Merged into the configuration of each upstream, by id. */
  settings?: Record<string, object> | ((simulator: Simulator) => Record<string, object>)
  server?: object
  /** Another database than a file of its own. */
  storage?: object
  routing?: object
  media?: object
  retention?: object
  fetch?: object
  metrics?: object
  /** Absent: off. */
  traces?: object
  /** Merged into the configuration of each key, by name. */
  keys?: Record<string, object>
  /** No key is configured, so that one is generated. */
  ownKey?: boolean
  /** Workers run on their own, by the wall clock. */
  live?: boolean
  /** Where the held clock begins, in milliseconds since 1970; default: now. */
  startAt?: number
  /** Puts data into the folder of the gateway before it starts. */
  bring?: (directory: string) => void
  /**
   * Gives upstreams 30 real seconds to connect and to answer a create, instead of one: where nothing should time out, a
   * busy machine must not matter.
   */
  patient?: boolean
  /** Of the process. */
  env?: Record<string, string>
  /** How to wait for the end of a step of a comparison or series. */
  stepPause?: ContainerOptions['stepPause']
  /** Wrappers between the gateway and its adapters. */
  wrap?: Wrappers
  /** Called with every line of the log. */
  onLine?: (line: string) => void
}

const steps = 4000
/** Jobs take seconds, holds and deadlines up to an hour, so steps become longer after a minute. */
const stepMs = (step: number): number => (step < 60 ? 1000 : step < 100 ? 5000 : 15_000)
const mostTries = 60

/** A gateway on a held clock, with the simulator as its upstreams, over real HTTP on loopback. */
export async function startGateway(t: Test, options: Options = {}): Promise<Gateway> {
  const {
    upstreams = [reverse, official],
    settings = {},
    server = {},
    routing = {},
    media = {},
    retention = {},
    keys: keySettings = {},
    live = false,
    patient = false,
    env = {},
    wrap = {},
  } = options
  const secrets = upstreams.flatMap(({ apiKey, keyPair }) => [
    apiKey,
    ...(keyPair ? [keyPair.secretKey] : []),
  ])
  const leaks = createLeakWatch([...Object.values(keys), ...secrets])
  const log = {
    write(text: string) {
      leaks.line(text)
      options.onLine?.(text)
    },
  }
  const directory = await mkdtemp(join(tmpdir(), 'understudy-'))
  await createTestStorage(t, directory)
  options.bring?.(directory)
  const held = createHeldClock(options.startAt)
  const holdClocks = async () => live || (await holdStorageClock(directory, held.monotonic()))
  await holdClocks()
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
      server,
      routing,
      media,
      retention,
      ...(options.metrics !== undefined && { metrics: options.metrics }),
      ...(options.traces !== undefined && { traces: options.traces }),
      ...(options.storage !== undefined && { storage: options.storage }),
      keys: keySettings,
      ownKey: options.ownKey === true,
      patient,
    })
    const loaded = loadConfig({ text, fileName: null, env, knownDialects, inlineDialects })
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
    return createContainer(loaded.config, loaded.secrets, {
      logger: createLogger('trace', log),
      wrap,
      restored,
      stepped: !live,
      loaded: { shown: loaded.shown, fileName: null },
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
      return entries
        .flatMap((entry) => (entry.isFile() && entry.name !== folderMark ? [entry.name] : []))
        .toSorted()
    },
    simulator,
    leaks,
    now: () => held.clock.now(),
    async advance(ms) {
      held.advance(ms)
      await holdClocks()
      // Throws while keys cannot be read, and is retried, like the janitor does.
      while ((await container.endUnsent().catch(() => 0)) > 0);
      await container.runUpkeep()
      while ((await container.loop.tick()) + (await container.deliveries.tick()) > 0);
    },
    setClock: (byMs) => held.set(byMs),
    async call(method, path, body, headers = {}) {
      for (let tries = 1; ; tries++) {
        const answer = await once(method, path, body, headers)
        // Load is shed before a request is processed, so repeating it is safe on a busy machine.
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
      await holdClocks()
      configured = others
      container = await start(restored)
      address = await container.listen()
    },
  }
  return gateway
}

/** A wrapper that replaces methods of every upstream. */
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
    server = {},
    storage = storageSection(directory),
    routing = {},
    media = {},
    retention = {},
    fetch: fetchSettings = {},
    metrics,
    traces,
    keys: keySettings = {},
    ownKey = false,
    patient = false,
  }: Omit<
    Options,
    'live' | 'startAt' | 'bring' | 'upstreams' | 'configured' | 'wrap' | 'env' | 'stepPause' | 'onLine'
  > = {},
): string {
  const own = typeof settings === 'function' ? settings(simulator) : settings
  // Settings of a name that does not exist would be left out, and the test would be of something else: this throws.
  for (const id of Object.keys(own)) simulator.baseUrl(id)
  for (const name of Object.keys(keySettings))
    if (!Object.hasOwn(keys, name)) throw new Error(`no key is called ${name}`)
  return stringify({
    server: { port: 0, ...server },
    storage,
    media: { url: `file:${directory}/media`, ...media },
    retention,
    auth: {
      keys: ownKey
        ? []
        : [
            { name: 'studio', key: keys.studio, ...keySettings['studio'] },
            { name: 'bank', key: keys.bank, allow: ['official'], ...keySettings['bank'] },
            { name: 'other', key: keys.other, ...keySettings['other'] },
          ],
    },
    routing: { model: 'sora-2', ...routing },
    fetch: { allow_private_hosts: ['127.0.0.1'], ...fetchSettings },
    ...(metrics !== undefined && { metrics }),
    ...(traces !== undefined && { traces }),
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
      ...own[upstream.id],
    })),
  })
}

/** In real time, which a held clock does not affect. */
function answerTimes(patient: boolean) {
  return patient ? { connect_seconds: 30, create_seconds: 30 } : { connect_seconds: 1, create_seconds: 1 }
}
