import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Test } from 'tap'
import { parse, stringify } from 'yaml'
import { loadConfig } from '../../src/gateway/config/load-config.ts'
import { createLogger } from '../../src/gateway/process/logger.ts'
import { inlineDialects, knownDialects } from '../../src/gateway/upstreams/dialects.ts'
import { createContainer } from '../../src/gateway/wiring/container.ts'
import type { Container } from '../../src/gateway/wiring/container.ts'
import type { Wrappers } from '../../src/gateway/wiring/stores.ts'
import { startSimulator } from '../../src/simulator/simulator.ts'
import type { Simulator } from '../../src/simulator/simulator.ts'
import type { SimulatedUpstream } from '../../src/simulator/simulated-upstream.ts'
import { configText, keys, reverse } from '../e2e/gateway.ts'
import type { Answer } from '../e2e/gateway.ts'
import type { HeldClock } from '../fixtures/held-clock.ts'
import type { Databases } from '../postgres/databases.ts'

export interface Fleet {
  simulator: Simulator
  /** The URL of the database. */
  url: string
  directory: string
  /** The configuration of each node. */
  text: string
  addresses: string[]
  containers: Container[]
  call(node: number, method: string, path: string, body?: unknown, key?: string): Promise<Answer>
  /** Waits in real time until all of them have ended, asking one node after the other. */
  ended(ids: string[], withinMs: number): Promise<Answer['body'][]>
}

interface Options {
  nodes: number
  upstream?: Partial<SimulatedUpstream>
  /** Merged into the configuration of the upstream. */
  settings?: object
  keys?: Record<string, object>
  routing?: object
  wrap?: (node: number) => Wrappers
  /** Of all nodes and the vendor. Nothing runs by itself then: the loops are stepped. */
  held?: HeldClock
}

/** Nodes over one database, in this process, with one simulated upstream. */
export async function startFleet(t: Test, { create }: Databases, options: Options): Promise<Fleet> {
  const url = await create()
  const directory = await mkdtemp(join(tmpdir(), 'understudy-fleet-'))
  const upstream: SimulatedUpstream = { ...reverse, render: { milliseconds: 300 }, ...options.upstream }
  const simulator = await startSimulator({
    upstreams: [upstream],
    ...(options.held !== undefined && { clock: { now: options.held.monotonic } }),
  })
  const own = configText(simulator, [upstream], directory, {
    settings: { [upstream.id]: options.settings ?? {} },
    keys: options.keys ?? {},
    routing: options.routing ?? {},
    patient: true,
  })
  const text = stringify({ ...parse(own), storage: { url, connections: 5 } })
  const nodes: Container[] = []
  const addresses: string[] = []
  t.teardown(async () => {
    await Promise.all(nodes.map((node) => node[Symbol.asyncDispose]()))
    await simulator.close()
    await rm(directory, { recursive: true, force: true })
  })
  for (let n = 0; n < options.nodes; n++) {
    const loaded = loadConfig({ text, fileName: null, env: {}, knownDialects, inlineDialects })
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
    const container = await createContainer(loaded.config, loaded.secrets, {
      logger: createLogger('silent', { write: () => undefined }),
      loaded: { shown: loaded.shown, fileName: null },
      wrap: options.wrap?.(n) ?? {},
      ...(options.held !== undefined && { ...options.held, stepped: true }),
    })
    nodes.push(container)
    addresses.push(await container.listen())
  }

  async function call(node: number, method: string, path: string, body?: unknown, key = keys.studio) {
    const response = await fetch(`${addresses[node % addresses.length]}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const parsed: any = await response.json()
    return { status: response.status, headers: response.headers, body: parsed }
  }

  async function ended(ids: string[], withinMs: number) {
    const deadline = Date.now() + withinMs
    const results: Answer['body'][] = []
    for (const [index, id] of ids.entries()) {
      for (;;) {
        const { body } = await call(index, 'GET', `/generations/${id}`)
        if (['completed', 'failed', 'cancelled'].includes(body.status)) {
          results.push(body)
          break
        }
        if (Date.now() > deadline) throw new Error(`${id} did not end: ${JSON.stringify(body)}`)
        await pause(200)
      }
    }
    return results
  }

  return { simulator, url, directory, text, addresses, containers: nodes, call, ended }
}

/** The most jobs that were under way at once, as the vendor counts them. */
export function mostAtOnce(simulator: Simulator): number {
  const changes = simulator.control
    .renders()
    .flatMap(({ createdAt, endedAt }) => [
      { at: createdAt, by: 1 },
      { at: endedAt ?? Infinity, by: -1 },
    ])
    .toSorted((a, b) => a.at - b.at || a.by - b.by)
  let current = 0
  let most = 0
  for (const { by } of changes) {
    current += by
    most = Math.max(most, current)
  }
  return most
}

/** The most jobs that were made within any time of this length. */
export function mostWithin(simulator: Simulator, windowMs: number): number {
  const made = simulator.control
    .renders()
    .map(({ createdAt }) => createdAt)
    .toSorted((a, b) => a - b)
  return Math.max(...made.map((start) => made.filter((at) => at >= start && at < start + windowMs).length))
}
