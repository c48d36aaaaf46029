import { join } from 'node:path'
import type { PostgresServer } from '../../test/postgres/server.ts'
import { startChild } from '../child.ts'
import type { Child } from '../child.ts'
import { cpuMsOf, postmasterOf } from '../schedule/server-figures.ts'
import { childrenMs, processMs, threadMs } from './cpu.ts'
import { writerThread } from './divide.ts'

/** Who of a set-up uses CPU time. */
export const parts = ['http', 'writer', 'workers', 'PostgreSQL', 'upstream'] as const
export type Part = (typeof parts)[number]

/** Where a set-up is started: in a folder of its own, beside an upstream. */
export interface Place {
  directory: string
  /** Takes every create at once. */
  upstream: Child
  postgres: PostgresServer
  /** Of a new database. */
  databaseUrl: string
}

export interface Running {
  /** Requests are shared equally among them. */
  addresses: string[]
  /** CPU time so far, in ms. */
  cpuMs: () => Map<Part, number>
  end: () => Promise<void>
}

export interface SetUp {
  name: string
  /** Whether it keeps generations in PostgreSQL. */
  inServer: boolean
  /** Whether it also sends what it accepts. */
  sends: boolean
  /** How many threads do HTTP; one of those writes, where no other does. */
  serving: number
  start: (place: Place) => Promise<Running>
}

const gateway = ({ directory, upstream }: Place) => ({
  directory,
  role: 'api' as const,
  upstreamUrl: upstream.address,
  maxInFlight: null,
})

const endAll = (children: readonly Child[]) => async (): Promise<void> => {
  for (const child of children) await child.kill()
}

async function alone(place: Place, role: 'api' | 'all'): Promise<Running> {
  const child = await startChild({ type: 'durable', ...gateway(place), role, notesAnswers: false })
  return {
    addresses: [child.address],
    cpuMs: () => new Map([['http', processMs(child.pid)]]),
    end: endAll([child]),
  }
}

async function withThread(place: Place): Promise<Running> {
  const child = await startChild({ type: 'divided', ...gateway(place) })
  const cpuMs = () => {
    const writer = threadMs(child.pid, writerThread)
    return new Map<Part, number>([
      ['http', processMs(child.pid) - writer],
      ['writer', writer],
    ])
  }
  return { addresses: [child.address], cpuMs, end: endAll([child]) }
}

const withProcesses =
  (processes: number) =>
  async (place: Place): Promise<Running> => {
    const child = await startChild({ type: 'divided', ...gateway(place), processes })
    const cpuMs = () =>
      new Map<Part, number>([
        ['http', childrenMs(child.pid)],
        ['writer', processMs(child.pid)],
      ])
    return { addresses: [child.address], cpuMs, end: endAll([child]) }
  }

const used = (children: readonly Child[]): number =>
  children.reduce((sum, { pid }) => sum + processMs(pid), 0)

/** Nodes over PostgreSQL; those with the role `worker` get no requests. */
const nodes =
  (serving: ReadonlyArray<'api' | 'all'>, workers = 0) =>
  async (place: Place): Promise<Running> => {
    const start = (role: 'api' | 'all' | 'worker') =>
      startChild({
        type: 'durable',
        ...gateway(place),
        directory: join(place.directory, 'shared'),
        postgresUrl: place.databaseUrl,
        role,
        notesAnswers: false,
      })
    const servers: Child[] = []
    for (const role of serving) servers.push(await start(role))
    const working: Child[] = []
    while (working.length < workers) working.push(await start('worker'))
    const postmaster = postmasterOf(place.postgres)
    return {
      addresses: servers.map(({ address }) => address),
      cpuMs: () =>
        new Map<Part, number>([
          ['http', used(servers)],
          ['workers', used(working)],
          ['PostgreSQL', cpuMsOf(postmaster)],
        ]),
      end: endAll([...servers, ...working]),
    }
  }

const accepting = { sends: false, serving: 1 }
const sending = { sends: true, serving: 1 }
const file = { inServer: false }
const server = { inServer: true }

/** Of those that send, and of those that do not, the first is what the others are compared with. */
export const setUps: Record<string, SetUp> = {
  process: { name: 'SQLite: one process', ...file, ...accepting, start: (place) => alone(place, 'api') },
  thread: { name: 'SQLite: writer on a thread', ...file, ...accepting, start: withThread },
  'cluster-1': { name: 'SQLite: writer, 1 HTTP process', ...file, ...accepting, start: withProcesses(1) },
  'cluster-2': {
    name: 'SQLite: writer, 2 HTTP processes',
    ...file,
    ...accepting,
    serving: 2,
    start: withProcesses(2),
  },
  'nodes-1': { name: 'PostgreSQL: 1 node', ...server, ...accepting, start: nodes(['api']) },
  'nodes-2': {
    name: 'PostgreSQL: 2 nodes',
    ...server,
    ...accepting,
    serving: 2,
    start: nodes(['api', 'api']),
  },
  all: { name: 'SQLite: one process', ...file, ...sending, start: (place) => alone(place, 'all') },
  'all-server': { name: 'PostgreSQL: 1 node', ...server, ...sending, start: nodes(['all']) },
  'api-worker': { name: 'PostgreSQL: api and worker', ...server, ...sending, start: nodes(['api'], 1) },
  'all-2': {
    name: 'PostgreSQL: 2 nodes',
    ...server,
    ...sending,
    serving: 2,
    start: nodes(['all', 'all']),
  },
}
