import { mkdtemp, rm } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import autocannon from 'autocannon'
import type { PostgresServer } from '../../test/postgres/server.ts'
import { startChild } from '../child.ts'
import type { Child } from '../child.ts'
import { requestsTo } from '../load.ts'
import { cpuMsOf, postmasterOf } from '../schedule/server-figures.ts'

/** Who uses CPU time in a run. */
export const users = ['api', 'workers', 'PostgreSQL', 'upstream', 'load generator', 'others'] as const

export type CpuUser = (typeof users)[number]

export interface FleetFigures {
  workers: number
  acceptedPerSecond: number
  /** Answers other than 202. */
  refusedPerSecond: number
  /** Creates that reached the upstream, of all generations accepted so far. */
  sentPerSecond: number
  /** Milliseconds until a 202. */
  p50: number
  p99: number
  /** Seconds of CPU time per second. `others`: what else ran on the machine. */
  cores: Record<CpuUser, number>
}

interface Fleet {
  api: Child
  workers: Child[]
  upstream: Child
  server: PostgresServer
}

interface Reading {
  atMs: number
  creates: number
  /** Milliseconds of CPU time so far. */
  cpuMs: Record<CpuUser, number>
}

/**
 * One node with the role `api` and some with the role `worker`, each a process of its own, over a new database, under
 * `POST /generate` without pause: first to warm up, then measured.
 */
export async function measureFleet(
  server: PostgresServer,
  {
    name,
    workers,
    connections,
    warmUpSeconds,
    seconds,
  }: { name: string; workers: number; connections: number; warmUpSeconds: number; seconds: number },
): Promise<FleetFigures> {
  const directory = await mkdtemp(join(tmpdir(), 'understudy-bench-'))
  await using children = new AsyncDisposableStack()
  children.defer(() => rm(directory, { recursive: true, force: true }))
  const start = async (...args: Parameters<typeof startChild>) => children.use(await startChild(...args))

  const upstream = await start({ type: 'upstream', holds: false })
  const setup = {
    type: 'durable' as const,
    directory,
    postgresUrl: await server.database(name),
    upstreamUrl: upstream.address,
    maxInFlight: null,
    notesAnswers: false,
  }
  const api = await start({ ...setup, role: 'api' })
  const fleet: Fleet = { api, workers: [], upstream, server }
  while (fleet.workers.length < workers) fleet.workers.push(await start({ ...setup, role: 'worker' }))

  const options = { ...requestsTo(api), connections }
  await autocannon({ ...options, duration: warmUpSeconds })
  // The requests that were under way when the warm-up ended.
  await pause(100)
  const before = await read(fleet)
  const load = await autocannon({ ...options, duration: seconds })
  const after = await read(fleet)
  if (load.errors > 0) throw new Error(`${load.errors} requests had no answer`)
  const elapsed = after.atMs - before.atMs
  const share = (user: CpuUser) => (after.cpuMs[user] - before.cpuMs[user]) / elapsed
  return {
    workers,
    acceptedPerSecond: (load['2xx'] / elapsed) * 1000,
    refusedPerSecond: (load.non2xx / elapsed) * 1000,
    sentPerSecond: ((after.creates - before.creates) / elapsed) * 1000,
    p50: load.latency.p50,
    p99: load.latency.p99,
    cores: {
      api: share('api'),
      workers: share('workers'),
      PostgreSQL: share('PostgreSQL'),
      upstream: share('upstream'),
      'load generator': share('load generator'),
      others: share('others'),
    },
  }
}

async function read({ api, workers, upstream, server }: Fleet): Promise<Reading> {
  const workerMicros = await Promise.all(workers.map((worker) => worker.cpuMicros()))
  const own = process.cpuUsage()
  const ours = {
    api: (await api.cpuMicros()) / 1000,
    workers: workerMicros.reduce((sum, micros) => sum + micros, 0) / 1000,
    PostgreSQL: cpuMsOf(postmasterOf(server)),
    upstream: (await upstream.cpuMicros()) / 1000,
    'load generator': (own.user + own.system) / 1000,
  }
  const known = Object.values(ours).reduce((sum, ms) => sum + ms, 0)
  return {
    atMs: performance.now(),
    creates: await upstream.creates(),
    cpuMs: { ...ours, others: busyMs() - known },
  }
}

/** CPU time that all cores have been in use since the machine started, in milliseconds. */
function busyMs(): number {
  return cpus().reduce((sum, { times: { user, nice, sys, irq } }) => sum + user + nice + sys + irq, 0)
}
