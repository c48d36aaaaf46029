import { mkdtemp, rm, statfs, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { startGateway } from '../crowd/gateway.ts'
import type { Crowd, Gateway } from '../crowd/gateway.ts'
import { spreadPolls } from '../crowd/fill.ts'
import { startVendor } from '../crowd/vendor.ts'
import type { Vendor } from '../crowd/vendor.ts'
import { cpuMicrosOf, residentMegabytes } from '../serving/cores.ts'
import { fillDatabase, idAt } from './fill.ts'
import type { Filling } from './fill.ts'
import { measureHousework } from './housework.ts'
import type { Housework } from './housework.ts'
import { measure, observer, operationsOf } from './operations.ts'
import type { Cost } from './operations.ts'

export interface Size {
  inFlight: number
  finished: number
}

export interface Figures extends Size {
  /** Of the database, when it is filled. */
  megabytesOnDisk: number
  fillSeconds: number
  /** From the start of the process to `GET /health/ready`, in ms, of each start. */
  startMs: number[]
  /** Resident memory when ready, and after all operations. */
  megabytes: { ready: number; after: number }
  /** By the name of the operation. */
  costs: Record<string, Cost>
  housework: Housework[]
}

export interface Settings {
  directory: string
  /** For each operation. */
  seconds: number
  /** Of all upstreams together. */
  pollsPerSecond: number
  /** Whether an operation is measured. */
  wants: (name: string) => boolean
}

const upstreams = 10
const keys = 4
/** Long after the operations that are not to be disturbed by polls. */
const dueInMs = 3_600_000
/** A generation takes about 5 KB, with its indexes; twice as much must be free. */
const bytesEach = 10_000

/** Everything at one size, in a folder that is removed at the end. */
export async function measureAt(size: Size, settings: Settings): Promise<Figures> {
  const { directory, seconds, pollsPerSecond, wants } = settings
  await assertRoom(directory, size)
  const root = await mkdtemp(join(directory, 'size-'))
  await using cleanUp = new AsyncDisposableStack()
  cleanUp.defer(() => rm(root, { recursive: true, force: true }))
  const file = join(root, 'understudy.db')
  const filling: Filling = { ...size, upstreams, keys, now: Date.now(), dueInMs }
  const from = performance.now()
  await fillDatabase(file, filling)
  const fillSeconds = (performance.now() - from) / 1000
  const megabytesOnDisk = (await stat(file)).size / 1e6
  await using vendor = await startVendor()
  const crowd: Crowd = {
    directory: root,
    vendor: vendor.baseUrl,
    upstreams,
    pollsPerSecond: (2 * pollsPerSecond) / upstreams,
    everyMs: dueInMs,
    keys,
    otherKeys: [observer],
    monthlyBudgetUsd: 1e8,
  }
  const costs: Record<string, Cost> = {}
  const startMs: number[] = []
  const megabytes = { ready: 0, after: 0 }
  {
    await using gateway = await startGateway(crowd)
    startMs.push(gateway.readyMs)
    megabytes.ready = residentMegabytes(gateway.pid)
    await pause(1000)
    // What runs first is compiled on the way.
    for (const operation of operationsOf(filling).values())
      if (operation.body === undefined && operation.most === undefined)
        await measure(gateway, operation, seconds / 5)
    for (const [name, operation] of operationsOf(filling))
      if (wants(name)) costs[name] = await measure(gateway, operation, seconds)
    megabytes.after = residentMegabytes(gateway.pid)
  }
  if (wants('claim and poll') || wants('claim, poll and settle')) {
    // The same number of polls in a second at each size.
    const polls = {
      from: Date.now() + 2000,
      everyMs: (size.inFlight * 1000) / pollsPerSecond,
      count: size.inFlight,
    }
    spreadPolls(file, polls, (number) => idAt(size.finished + number, filling))
    await using gateway = await startGateway({ ...crowd, everyMs: polls.everyMs })
    startMs.push(gateway.readyMs)
    await pause(Math.max(0, polls.from - Date.now()) + 500)
    costs['claim and poll'] = await measurePolls(gateway, vendor, 3 * seconds)
    vendor.failAll()
    costs['claim, poll and settle'] = await measurePolls(gateway, vendor, 3 * seconds)
  }
  // It removes some of what is there.
  const housework = wants('housework') ? await measureHousework(file) : []
  return { ...size, megabytesOnDisk, fillSeconds, startMs, megabytes, costs, housework }
}

async function measurePolls(gateway: Gateway, vendor: Vendor, seconds: number): Promise<Cost> {
  const [cpu, before] = [cpuMicrosOf(gateway.pid), vendor.polls()]
  await pause(seconds * 1000)
  const count = vendor.polls() - before
  return { count, cpuMicros: (cpuMicrosOf(gateway.pid) - cpu) / count, p50: null }
}

async function assertRoom(directory: string, { inFlight, finished }: Size): Promise<void> {
  const { bavail, bsize } = await statfs(directory)
  const needed = (inFlight + finished) * bytesEach
  if (bavail * bsize < needed)
    throw new Error(
      `${directory} has ${(bavail * bsize) / 1e9} GB free, and ${needed / 1e9} GB are needed; choose another with --directory`,
    )
}
