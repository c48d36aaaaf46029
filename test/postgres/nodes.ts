import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Test } from 'tap'
import { loadConfig } from '../../src/gateway/config/load-config.ts'
import { createLogger } from '../../src/gateway/process/logger.ts'
import { inlineDialects, knownDialects } from '../../src/gateway/upstreams/dialects.ts'
import { createContainer } from '../../src/gateway/wiring/container.ts'
import type { Container } from '../../src/gateway/wiring/container.ts'
import { startSimulator } from '../../src/simulator/simulator.ts'
import type { Simulator } from '../../src/simulator/simulator.ts'
import type { SimulatedUpstream } from '../../src/simulator/simulated-upstream.ts'
import { configText, keys } from '../e2e/gateway.ts'
import type { Answer } from '../e2e/gateway.ts'
import { openChanges } from '../fixtures/change-stream.ts'
import type { ChangeStream } from '../fixtures/change-stream.ts'

export const adminKey = 'admin-Hq3Lw8Zt5VbY2nXc'

export interface FleetNode {
  address: string
  container: Container
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>
}

export interface Nodes {
  simulator: Simulator
  start(role: 'api' | 'worker' | 'all'): Promise<FleetNode>
}

/** Nodes of one database and one media folder, by the wall clock, with one simulator as their upstreams. */
export async function openNodes(
  t: Test,
  {
    url,
    upstreams,
    settings = {},
    storage = {},
  }: { url: string; upstreams: SimulatedUpstream[]; settings?: Record<string, object>; storage?: object },
): Promise<Nodes> {
  const directory = await mkdtemp(join(tmpdir(), 'understudy-'))
  const simulator = await startSimulator({ upstreams })
  const containers: Container[] = []
  t.teardown(async () => {
    for (const container of containers) await container[Symbol.asyncDispose]()
    await simulator.close()
    await rm(directory, { recursive: true, force: true })
  })
  return {
    simulator,
    async start(role) {
      const text = configText(simulator, upstreams, directory, {
        server: { role },
        storage: { url, connections: 5, ...storage },
        settings,
        patient: true,
      })
      const env = { UNDERSTUDY_ADMIN_KEY: adminKey }
      const loaded = loadConfig({ text, fileName: null, env, knownDialects, inlineDialects })
      if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
      const logger = createLogger('error', { write: () => undefined })
      const container = await createContainer(loaded.config, loaded.secrets, { logger })
      containers.push(container)
      const address = await container.listen()
      return { address, container, call: (...call) => unlessOverloaded(() => ask(address, ...call)) }
    },
  }
}

/** Load is shed before a request is processed, so repeating it is safe on a busy machine. */
async function unlessOverloaded(call: () => Promise<Answer>): Promise<Answer> {
  for (;;) {
    const answer = await call()
    if (answer.body?.code !== 'overloaded') return answer
    await pause(200)
  }
}

/** `GET /events` of a node, also on a busy machine. */
export async function changesOf(
  { address }: FleetNode,
  headers: Record<string, string>,
): Promise<ChangeStream> {
  for (;;) {
    try {
      return await openChanges(address, headers)
    } catch (error) {
      if (!String(error).includes('overloaded')) throw error
      await pause(200)
    }
  }
}

async function ask(
  address: string,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(`${address}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${keys.studio}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.includes('json') === true
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text }
}
