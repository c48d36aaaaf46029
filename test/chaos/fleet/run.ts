import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { startSimulator } from '../../../src/simulator/simulator.ts'
import type { SimulatedCall } from '../../../src/simulator/simulator.ts'
import { skipWithout } from '../../observe/programs.ts'
import { startCutProxy } from '../../postgres/cut-proxy.ts'
import { runLoad } from '../callers.ts'
import { makeCast, makePictures } from '../cast.ts'
import { check } from '../checker.ts'
import type { Finding } from '../checker.ts'
import { createClient } from '../client.ts'
import { drain } from '../drain.ts'
import { createFaultMaker } from '../faults.ts'
import { createNursery } from '../gateway.ts'
import { createLoad } from '../load.ts'
import type { Load, Stage } from '../load.ts'
import { createRandom } from '../random.ts'
import { castOf } from '../stage.ts'
import { injectFaults, watch } from '../watch.ts'
import { startBucket } from './bucket.ts'
import type { Cluster } from './cluster.ts'
import { skipsCluster, startCluster } from './cluster.ts'
import { createDisturber } from './disturb.ts'
import type { Disturber } from './disturb.ts'
import { limitsOf, nodeConfig } from './fleet-stage.ts'
import { countLimits, isExceeded } from './limits.ts'
import type { Counted } from './limits.ts'
import { createFleet } from './nodes.ts'
import type { Fleet, Role } from './nodes.ts'
import { nextDisturbance } from './plan.ts'
import type { Media } from './plan.ts'

export interface Settings {
  seed: number
  minutes: number
  /** Ends the load after this many disturbances, even if time is left; null for no limit. */
  disturbances: number | null
  /** From one disturbance to the next, on average. */
  paceMs: number
  roles: readonly Role[]
  /** Where the videos are: in one folder, or in a bucket that is disturbed too. */
  media: Media
  perSecond: number
  deadlineSeconds: number
  /** How long nothing may change at the end before the nodes are restarted with their clocks moved forward. */
  patienceMs: number
  say: (text: string) => void
}

export interface Result extends Pick<Settings, 'seed' | 'minutes' | 'roles' | 'media'> {
  seconds: number
  drainSeconds: number
  disturbed: Pick<Disturber, 'counts' | 'points' | 'schedule' | 'outlived'>
  ends: Fleet['ends']
  faults: Map<string, number>
  load: Load
  renders: number
  finding: Finding
  limits: Counted[]
  directory: string
}

const mostUnfinished = 200
const graceMs = 20_000

export const disturbancesOf = ({ disturbed: { counts } }: Pick<Result, 'disturbed'>): number =>
  [...counts.values()].reduce((sum, count) => sum + count, 0)

export const crashesOf = ({ ends }: Pick<Result, 'ends'>): number => ends.get('by itself') ?? 0

/** Whether every promise was kept. */
export function isClean(result: Result): boolean {
  const { finding, limits } = result
  return (
    finding.violations.length === 0 &&
    finding.ledger.differenceUsd === 0 &&
    crashesOf(result) === 0 &&
    !limits.some(isExceeded)
  )
}

/** Why a run is not possible here; false if it is. */
export function skipsFleet(media: Media): string | false {
  const bucket = media === 's3' && skipWithout('java', 'mvn')
  return bucket === false ? skipsCluster() : bucket
}

/** Load, faults of vendors and disturbances by the seed, then a calm phase, then the check. */
export async function runFleet(settings: Settings): Promise<Result> {
  const directory = await mkdtemp(join(tmpdir(), `understudy-fleet-${settings.seed}-`))
  await using opened = new AsyncDisposableStack()
  const cluster = opened.adopt(await startCluster(), (each) => each.remove())
  const nursery = opened.adopt(createNursery(join(directory, 'gateway.log')), (each) => each.close())
  const result = await play(opened, { ...settings, directory, cluster, nursery })
  if (isClean(result)) await rm(directory, { recursive: true })
  return result
}

async function play(
  opened: AsyncDisposableStack,
  settings: Settings & { directory: string; cluster: Cluster; nursery: ReturnType<typeof createNursery> },
): Promise<Result> {
  const { seed, minutes, roles, directory, cluster, nursery, say } = settings
  const upstreams = castOf(createRandom(seed, 'cast'))
  const vendors = { aheadMs: 0 }
  const calls: SimulatedCall[] = []
  const simulator = await startSimulator({
    upstreams,
    clock: { now: () => Date.now() + vendors.aheadMs },
    onCall: (call) => void (vendors.aheadMs === 0 && calls.push(call)),
  })
  opened.defer(() => simulator.close())
  const links = await Promise.all(roles.map(() => startCutProxy(cluster.url())))
  for (const link of links) opened.defer(() => link.close())
  const bucket =
    settings.media === 's3'
      ? opened.adopt(await startBucket(directory, createRandom(seed, 'bucket')), (each) => each.remove())
      : null
  const limits = limitsOf(minutes)
  const fleet = opened.adopt(
    createFleet({
      nursery,
      roles,
      random: createRandom(seed, 'callers'),
      textOf: (index, role) =>
        nodeConfig(
          { simulator, upstreams, directory },
          {
            ...settings,
            url: links[index]?.url ?? '',
            role,
            media: bucket === null ? null : bucket.media(index),
          },
          limits,
        ),
    }),
    (each) => each.close(),
  )
  const ending = new AbortController()
  const over = new AbortController()
  const stage: Stage = {
    client: createClient(() => fleet.address(), ending.signal),
    load: createLoad(),
    origin: simulator.origin,
    pictures: await makePictures(),
    ending: ending.signal,
    over: over.signal,
  }
  const { client, load } = stage
  await fleet.settleDown(0)
  await makeCast(client, simulator.origin)
  const ids = upstreams.map(({ id }) => id)
  const faults = createFaultMaker(simulator.control, ids, createRandom(seed, 'faults'))
  const disturber = createDisturber({ fleet, cluster, links, bucket, random: createRandom(seed, 'cuts') })
  const began = Date.now()
  const timer = setTimeout(() => ending.abort(), minutes * 60_000)
  const { answered, played } = runLoad(stage, { seed, perSecond: settings.perSecond, mostUnfinished })
  const others = Promise.all([
    injectFaults(() => faults.turn(), createRandom(seed, 'trouble'), ending.signal),
    watch(stage, () => say(progress(began, disturber, load))),
  ])
  await disturb(disturber, settings, ending.signal)
  ending.abort()
  clearTimeout(timer)
  const seconds = (Date.now() - began) / 1000

  for (const id of ids) simulator.control.clearFaults(id)
  await disturber.done()
  await fleet.settleDown(0)
  say('the fleet is left alone')
  await Promise.all([answered, others])
  say('all requests are answered')
  const until = Date.now()
  const drainSeconds = await drain(stage, { simulator, line: fleet, vendors }, settings)
  // All work has ended, so a follower that still waits was forgotten.
  setTimeout(() => over.abort(), graceMs).unref()
  await played
  const finding = await check(client, simulator, load)
  return {
    seed,
    minutes,
    roles,
    media: settings.media,
    seconds,
    drainSeconds,
    disturbed: disturber,
    ends: fleet.ends,
    faults: faults.counts(),
    load,
    renders: simulator.control.renders().length,
    finding,
    limits: countLimits(limits, { calls, cases: finding.cases, until }),
    directory,
  }
}

async function disturb(
  disturber: Disturber,
  { seed, roles, media, paceMs, disturbances }: Settings,
  signal: AbortSignal,
): Promise<void> {
  const random = createRandom(seed, 'disturbances')
  while (!signal.aborted && disturbancesOf({ disturbed: disturber }) < (disturbances ?? Infinity)) {
    const next = nextDisturbance(random, { nodes: roles.length, paceMs, media })
    const waited = pause(next.afterMs, true, { signal })
    if (await waited.catch(() => false)) disturber.begin(next)
  }
}

function progress(began: number, disturber: Disturber, load: Load): string {
  const seconds = Math.round((Date.now() - began) / 1000)
  return `${seconds} s: ${disturbancesOf({ disturbed: disturber })} disturbances, ${load.asked.length} asked for`
}
