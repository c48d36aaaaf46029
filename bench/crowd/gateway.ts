import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { stringify } from 'yaml'
import { freePort } from '../../test/fixtures/free-port.ts'
import { builtGateway } from '../built.ts'
import { onServerCore } from '../serving/cores.ts'

const startMs = 120_000

/** The tenant of every key and of everything that is filled in. */
export const tenant = 'crowd'
/** A key may have 100 event streams open. */
export const streamsPerKey = 100

export interface Crowd {
  directory: string
  /** Where every upstream is. */
  vendor: string
  upstreams: number
  /** How often each upstream may be polled. */
  pollsPerSecond: number
  everyMs: number
  keys: number
  /** As in the configuration, beside those. */
  otherKeys?: ReadonlyArray<{ name: string; key: string; scopes: readonly string[] }>
  /** Of each of the numbered keys. By default, none has a budget. */
  monthlyBudgetUsd?: number
}

/** The gateway as a service runs it: built, with a configuration, in a process of its own on the core of the server. */
export interface Gateway extends AsyncDisposable {
  address: string
  pid: number
  /** From the start of the process to the first 200 of `GET /health/ready`, in ms. */
  readyMs: number
  kill(): Promise<void>
}

export const keyOf = (number: number): string => `crowd-${number}-Py6HrM0bVs7QeD4i`
export const upstreamOf = (number: number): string => `reseller-${number}`

export function startGateway(crowd: Crowd, nodeOptions: readonly string[] = []): Promise<Gateway> {
  return runGateway(crowd.directory, (port) => configurationOf(crowd, port), nodeOptions)
}

/**
 * `configure`: the text of its configuration, for this port of the loopback address. `output`: the descriptor that its log goes to;
 * by default it is written to the null device, and nobody reads it.
 */
export async function runGateway(
  directory: string,
  configure: (port: number) => string,
  nodeOptions: readonly string[] = [],
  output: number | 'ignore' = 'ignore',
): Promise<Gateway> {
  const port = await freePort()
  const file = join(directory, 'understudy.yaml')
  await writeFile(file, configure(port))
  const address = `http://127.0.0.1:${port}`
  const began = performance.now()
  const child = spawn(
    ...onServerCore(process.execPath, [...nodeOptions, ...builtGateway, '--config', file]),
    {
      cwd: directory,
      stdio: ['ignore', output, output],
    },
  )
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null
  const endToo = (): void => void child.kill('SIGKILL')
  process.once('exit', endToo)
  child.once('exit', () => process.off('exit', endToo))
  const kill = async (): Promise<void> => {
    if (hasEnded()) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  while (!(await isReady(address))) {
    if (hasEnded()) throw new Error('the gateway ended before it was ready')
    if (performance.now() - began > startMs) {
      await kill()
      throw new Error('the gateway was not ready in time')
    }
    await pause(5)
  }
  return {
    address,
    pid: child.pid ?? 0,
    readyMs: performance.now() - began,
    kill,
    [Symbol.asyncDispose]: kill,
  }
}

async function isReady(address: string): Promise<boolean> {
  try {
    const response = await fetch(`${address}/health/ready`, { headers: { connection: 'close' } })
    await response.arrayBuffer()
    return response.status === 200
  } catch {
    return false
  }
}

/** As long as it runs, no job is overdue, none stalls, and no breaker opens. */
function configurationOf(
  { directory, vendor, upstreams, pollsPerSecond, everyMs, keys, otherKeys = [], monthlyBudgetUsd }: Crowd,
  port: number,
): string {
  return stringify({
    server: { port },
    metrics: { enabled: true },
    storage: { url: `sqlite:${directory}/understudy.db` },
    media: { url: `file:${directory}/media`, retention_days: null },
    auth: {
      keys: [
        ...Array.from({ length: keys }, (_, number) => ({
          name: `key-${number}`,
          key: keyOf(number),
          tenant,
          monthly_budget_usd: monthlyBudgetUsd ?? null,
        })),
        ...otherKeys,
      ],
    },
    routing: { model: 'sora-2', deadline_seconds: 14_400 },
    workers: { overdue_seconds: 3600 },
    fetch: { allow_private_hosts: ['127.0.0.1'] },
    upstreams: Array.from({ length: upstreams }, (_, number) => ({
      id: upstreamOf(number),
      kind: 'reverse',
      dialect: 'sora-tasks',
      base_url: vendor,
      api_key: `${upstreamOf(number)}-key`,
      models: { 'sora-2': 'sora-2' },
      durations: [5, 10, 15],
      price: { per_request_usd: 0.12 },
      limits: { polls_per_second: pollsPerSecond },
      poll: { first_after_seconds: everyMs / 1000, every_seconds: everyMs / 1000, learn: false },
      timeouts: { stall_seconds: 7200, attempt_seconds: 14_400 },
    })),
  })
}
