import { fork } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stringify } from 'yaml'
import { z } from 'zod'
import { freePort } from '../../test/fixtures/free-port.ts'
import { runGateway } from '../crowd/gateway.ts'
import type { Gateway } from '../crowd/gateway.ts'
import { VendorReport } from './orders.ts'

export const adminKey = 'soak-admin-Py6HrM0bVs7QeD4i'
/** The shortest time that the configuration allows, 14.4 minutes: what is old is removed while the load runs. */
const shortestDays = 0.01

export interface Vendor extends AsyncDisposable {
  address: string
  report(): Promise<VendorReport>
}

export async function startVendor(): Promise<Vendor> {
  const child = fork(fileURLToPath(new URL('vendor.ts', import.meta.url)), {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const hear = async (): Promise<unknown> => {
    const [message] = await once(child, 'message', { signal: AbortSignal.timeout(20_000) })
    return message
  }
  const { address } = z.object({ address: z.string() }).parse(await hear())
  return {
    address,
    async report() {
      child.send('report')
      return VendorReport.parse(await hear())
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
  }
}

export interface Stage extends AsyncDisposable {
  gateway: Gateway
  directory: string
  logFile: string
  metricsUrl: string
}

/** A gateway with all roles on SQLite and a folder, new, with four upstreams and no key but the one of its operator. */
export async function startStage(
  root: string,
  vendor: string,
  nodeOptions: readonly string[],
): Promise<Stage> {
  const directory = await mkdtemp(join(root, 'data-'))
  const metricsPort = await freePort()
  const logFile = join(directory, 'gateway.log')
  const log = openSync(logFile, 'a')
  const gateway = await runGateway(
    directory,
    (port) => configurationOf({ directory, vendor, port, metricsPort }),
    nodeOptions,
    log,
  )
  closeSync(log)
  return {
    gateway,
    directory,
    logFile,
    metricsUrl: `http://127.0.0.1:${metricsPort}/metrics`,
    [Symbol.asyncDispose]: () => gateway[Symbol.asyncDispose](),
  }
}

/** Each model is offered by two upstreams, so that a fallback has somewhere to go. */
const offers = {
  'reseller-a': { models: ['sora-2'], usd: 0.1 },
  'reseller-b': { models: ['sora-2', 'kling-2'], usd: 0.12 },
  'reseller-c': { models: ['kling-2', 'wan-2'], usd: 0.14 },
  'reseller-d': { models: ['wan-2'], usd: 0.16 },
}
export const models = ['sora-2', 'kling-2', 'wan-2']

function configurationOf(places: {
  directory: string
  vendor: string
  port: number
  metricsPort: number
}): string {
  const { directory, vendor, port, metricsPort } = places
  return stringify({
    server: { port },
    storage: { url: `sqlite:${directory}/understudy.db` },
    media: { url: `file:${directory}/media`, retention_days: shortestDays },
    retention: {
      generations_days: shortestDays,
      references_days: shortestDays,
      events_days: shortestDays,
      deliveries_days: shortestDays,
      exchanges_days: shortestDays,
    },
    metrics: { listen: metricsPort },
    auth: { keys: [{ name: 'operator', key: adminKey, scopes: ['admin', 'generate', 'observe'] }] },
    routing: { model: 'sora-2' },
    fetch: { allow_private_hosts: ['127.0.0.1'] },
    upstreams: Object.entries(offers).map(([id, { models, usd }]) => ({
      id,
      kind: 'reverse',
      dialect: 'sora-tasks',
      base_url: `${vendor}/${id}/v1`,
      api_key: `${id}-key`,
      models: Object.fromEntries(models.map((model) => [model, model])),
      durations: [5, 10],
      characters: 'native',
      price: { per_request_usd: usd },
      limits: { max_in_flight: 1000, polls_per_second: 500 },
      poll: { first_after_seconds: 2, every_seconds: 1 },
      create_5xx: 'rejected',
    })),
  })
}
