import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { startSimulator } from '../../src/simulator/simulator.ts'
import { runLoad } from '../chaos/callers.ts'
import { makeCast, makePictures } from '../chaos/cast.ts'
import { check } from '../chaos/checker.ts'
import type { Finding } from '../chaos/checker.ts'
import { createClient } from '../chaos/client.ts'
import { drain } from '../chaos/drain.ts'
import { createFaultMaker } from '../chaos/faults.ts'
import { createLoad } from '../chaos/load.ts'
import type { Load, Stage } from '../chaos/load.ts'
import { createRandom } from '../chaos/random.ts'
import { castOf } from '../chaos/stage.ts'
import { injectFaults, watch } from '../chaos/watch.ts'
import { keys } from '../e2e/gateway.ts'
import { freePort } from '../fixtures/free-port.ts'
import { createActor } from './actor.ts'
import type { Actor } from './actor.ts'
import { makeDisk } from './disks.ts'
import type { Footprint } from './gateway.ts'
import { lastLife, planOf } from './plan.ts'
import type { Plan } from './plan.ts'
import { startProber } from './prober.ts'
import { startProxy } from './proxy.ts'
import type { Proxy } from './proxy.ts'
import type { Sample, Window } from './samples.ts'
import { sendStrangers } from './strangers.ts'
import { faultsConfig, ownKeys } from './stage.ts'
import { watchSlowdown } from '../fixtures/slowdown.ts'
import { warmUpMs } from './growth.ts'
import type { Growth } from './growth.ts'

export interface Settings {
  seed: number
  minutes: number
  perSecond: number
  say: (text: string) => void
}

export interface Result {
  seed: number
  minutes: number
  seconds: number
  drainSeconds: number
  crashes: string[]
  stopsMs: number[]
  acts: Map<string, number>
  weather: Map<string, number>
  strangers: Map<string, number>
  faults: Map<string, number>
  samples: Sample[]
  windows: Window[]
  lagMs: { p99: number; max: number }
  /** How many times longer than on an idle machine the gateway took, because of other processes. */
  slowdown: number
  /** Of the last minute of load. */
  loadAverage: number
  probed: { wrong: string[]; accepted: number }
  /** At the start and at the end, each in a calm moment; null if the machine does not report it. */
  memory: { before: Footprint | null; after: Footprint | null }
  /** The number of open event streams at that moment; each needs a descriptor. */
  following: number
  /** For the last process under load; null if its life was too short. */
  growth: Growth | null
  disksAreReal: boolean
  finding: Finding
  load: Load
  renders: number
  plan: Plan
  diary: string[]
  directory: string
}

const mostUnfinished = 200
const patienceMs = 4000
const graceMs = 20_000
/** Hostile requests per second. */
const knocksPerSecond = 25
/** Time to collect garbage and close idle connections. */
const calmMs = 3000
/** How often memory is measured where one measurement is not enough. */
const heldLooks = 3
const lookMs = 2000
const mostCalmMs = 90_000
/** Idle connections to vendors and from callers that are kept for the next request. */
export const moreDescriptors = 64

/** Runs load, vendors behind faulty lines, hostile clients and the planned actions; then a calm phase, then the check. */
export async function runFaults(settings: Settings): Promise<Result> {
  const { seed, minutes, perSecond, say } = settings
  const directory = await mkdtemp(join(tmpdir(), `understudy-faults-${seed}-`))
  await using stack = new AsyncDisposableStack()
  const data = await makeDisk(join(directory, 'data'))
  stack.defer(() => data.close(join(directory, 'kept-data')))
  const log = await makeDisk(join(directory, 'log'))
  stack.defer(() => log.close(join(directory, 'kept-log')))
  if (!data.isReal) say('Nothing can be mounted here: full disks are not played.')

  const upstreams = castOf(createRandom(seed, 'cast'))
  const vendors = { aheadMs: 0 }
  const simulator = await startSimulator({ upstreams, clock: { now: () => Date.now() + vendors.aheadMs } })
  stack.defer(() => simulator.close())
  const proxies = new Map<string, Proxy>()
  for (const { id } of upstreams) {
    const proxy = await startProxy(new URL(simulator.origin))
    stack.defer(() => proxy.close())
    proxies.set(id, proxy)
  }
  const port = await freePort()
  const address = `http://127.0.0.1:${port}`
  const prober = await startProber(address, ownKeys.probe)
  stack.defer(() => prober.close())

  const text = faultsConfig({
    simulator,
    upstreams,
    proxies,
    directory: data.directory,
    port,
    healthyUrl: prober.baseUrl,
  })
  const configFile = join(directory, 'understudy.yaml')
  await writeFile(configFile, text)
  const plan = planOf(seed, minutes, [...proxies.keys()])
  await writeFile(join(directory, 'plan.json'), JSON.stringify(plan, null, 1))

  const logFile = join(log.directory, 'gateway.log')
  const actor = createActor({
    address,
    configFile,
    text,
    logFile,
    errorFile: join(directory, 'stderr.log'),
    disks: { data, log },
  })
  stack.defer(() => actor.close())
  const ending = new AbortController()
  stack.defer(() => ending.abort())
  const over = new AbortController()
  const stage: Stage = {
    client: createClient(actor.addressNow, ending.signal),
    load: createLoad(),
    origin: simulator.origin,
    pictures: await makePictures(),
    ending: ending.signal,
    over: over.signal,
  }
  const { client, load } = stage
  await actor.start()
  await makeCast(client, simulator.origin)
  prober.begin()
  await pause(calmMs)
  const before = actor.footprint()

  const began = Date.now()
  const slowdown = watchSlowdown(() => actor.footprint()?.pid)
  const growth = watchGrowth(actor, minutes * 60_000, ending.signal)
  const faults = createFaultMaker(simulator.control, [...proxies.keys()], createRandom(seed, 'faults'))
  const timer = setTimeout(() => ending.abort(), minutes * 60_000)
  const { answered, played } = runLoad(stage, { seed, perSecond, mostUnfinished })
  const newest = (): string | undefined =>
    [...load.seen].findLast(([, { status }]) => status === 'completed')?.[0]
  const strangers = sendStrangers(
    { address, client, key: ownKeys.stranger, reader: { key: keys.studio, newest } },
    { seed, perSecond: knocksPerSecond },
    ending.signal,
  )
  const others = Promise.all([
    strangers.done,
    injectFaults(() => faults.turn(), createRandom(seed, 'trouble'), ending.signal),
    changeWeather(plan, proxies, ending.signal),
    watch(stage, () =>
      say(
        `${Math.round((Date.now() - began) / 1000)} s: ${load.asked.length} asked for, ${actor.crashes.length} crashes, ${JSON.stringify(actor.footprint())}`,
      ),
    ),
  ])
  for (const { atMs, act } of plan.acts) {
    await until(began + atMs, ending.signal)
    if (ending.signal.aborted) break
    await actor.play(act)
  }
  await until(began + minutes * 60_000, ending.signal)
  ending.abort()
  const grown = await growth
  clearTimeout(timer)
  const seconds = (Date.now() - began) / 1000

  const slowness = slowdown.stop()
  const { samples, lagMs } = await prober.end()
  const [loadAverage = 0] = loadavg()
  const spoilt = [...proxies.values()].map((each) => each.spoilt)
  for (const [id, proxy] of proxies) {
    proxy.clear()
    simulator.control.clearFaults(id)
  }
  await Promise.all([answered, others])
  // Of the process that was under load, before it is replaced.
  const after = await calmFootprint(actor, before)
  const { following } = load
  await actor.settleDown(0)
  const drainSeconds = await drain(stage, { simulator, line: actor, vendors }, { patienceMs, say })
  setTimeout(() => over.abort(), graceMs).unref()
  await played
  const finding = await check(client, simulator, load)
  const probed = await prober.settle()
  return {
    seed,
    minutes,
    seconds,
    drainSeconds,
    crashes: actor.crashes,
    stopsMs: actor.stopsMs,
    acts: actor.acts,
    weather: sumOf(spoilt),
    strangers: strangers.counts,
    faults: faults.counts(),
    samples,
    windows: actor.windows,
    lagMs,
    slowdown: slowness,
    loadAverage,
    probed,
    memory: { before, after },
    following,
    growth: grown,
    disksAreReal: data.isReal && log.isReal,
    finding,
    load,
    renders: simulator.control.renders().length,
    plan,
    diary: actor.diary,
    directory,
  }
}

/** Idle connections of the callers are closed after a few seconds. */
async function calmFootprint(actor: Actor, before: Footprint | null): Promise<Footprint | null> {
  const until = Date.now() + mostCalmMs
  for (;;) {
    await pause(calmMs)
    const now = actor.footprint()
    if (
      now === null ||
      before === null ||
      now.descriptors <= before.descriptors + moreDescriptors / 2 ||
      Date.now() > until
    )
      return now
  }
}

/** For the last process of a long run, from its warm-up to the end of the load. */
async function watchGrowth(actor: Actor, forMs: number, signal: AbortSignal): Promise<Growth | null> {
  if (forMs < lastLife.ofAtLeastMs) return null
  await until(Date.now() + forMs - lastLife.ms + warmUpMs, signal)
  const firstMb = await leastHeld(actor)
  let mostRssMb = 0
  while (!signal.aborted) {
    mostRssMb = Math.max(mostRssMb, actor.footprint()?.rssMb ?? 0)
    await until(Date.now() + lookMs, signal)
  }
  const lastMb = await leastHeld(actor)
  return firstMb === null || lastMb === null ? null : { firstMb, lastMb, mostRssMb }
}

/** The lowest of several measurements: bodies of up to 21 MB come and go, but a leak is in all of them. */
async function leastHeld(actor: Actor): Promise<number | null> {
  const looks: number[] = []
  for (let look = 0; look < heldLooks; look++) {
    if (look > 0) await pause(calmMs)
    const held = await actor.held()
    if (held !== null) looks.push(held)
  }
  return looks.length === 0 ? null : Math.min(...looks)
}

/** Kept if there are violations. */
export async function forget({ directory }: Result): Promise<void> {
  await rm(directory, { recursive: true })
}

async function changeWeather(
  plan: Plan,
  proxies: ReadonlyMap<string, Proxy>,
  signal: AbortSignal,
): Promise<void> {
  const began = Date.now()
  for (const { atMs, upstream, weather } of plan.weather) {
    await until(began + atMs, signal)
    if (signal.aborted) return
    proxies.get(upstream)?.turn(weather)
  }
}

/** Or until it is over. */
async function until(time: number, signal: AbortSignal): Promise<void> {
  await pause(Math.max(0, time - Date.now()), undefined, { signal }).catch(() => undefined)
}

function sumOf(counts: ReadonlyArray<ReadonlyMap<string, number>>): Map<string, number> {
  const sum = new Map<string, number>()
  for (const [name, count] of counts.flatMap((each) => [...each])) sum.set(name, (sum.get(name) ?? 0) + count)
  return sum
}
