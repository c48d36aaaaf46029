import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startSimulator } from '../../src/simulator/simulator.ts'
import { runLoad } from './callers.ts'
import { makeCast, makePictures } from './cast.ts'
import { check } from './checker.ts'
import type { Finding } from './checker.ts'
import { createClient } from './client.ts'
import { drain } from './drain.ts'
import { createFaultMaker } from './faults.ts'
import { createNursery } from './gateway.ts'
import { createLine } from './line.ts'
import type { Kills, Place } from './line.ts'
import { createLoad } from './load.ts'
import type { Load, Stage } from './load.ts'
import { createRandom } from './random.ts'
import { castOf, chaosConfig } from './stage.ts'
import { injectFaults, watch } from './watch.ts'

export interface Settings {
  seed: number
  minutes: number
  /** Ends the load after this many kills, even if time is left; null for no limit. */
  kills: number | null
  perSecond: number
  deadlineSeconds: number
  /** How long nothing may change at the end before the gateway is restarted with its clock moved forward. */
  patienceMs: number
  say: (text: string) => void
}

export interface Result {
  seed: number
  minutes: number
  seconds: number
  drainSeconds: number
  kills: Kills
  crashes: number
  faults: Map<string, number>
  load: Load
  renders: number
  finding: Finding
  schedule: string[]
  directory: string
}

const mostUnfinished = 300
const graceMs = 20_000

/** Whether every promise was kept. */
export function isClean({ finding, crashes }: Result): boolean {
  return finding.violations.length === 0 && finding.ledger.differenceUsd === 0 && crashes === 0
}

/** Load, faults and kills by the seed, then a calm phase, then the check. */
export async function runChaos(settings: Settings): Promise<Result> {
  const { seed, minutes, say } = settings
  const directory = await mkdtemp(join(tmpdir(), `understudy-chaos-${seed}-`))
  const upstreams = castOf(createRandom(seed, 'cast'))
  const vendors = { aheadMs: 0 }
  const simulator = await startSimulator({
    upstreams,
    clock: { now: () => Date.now() + vendors.aheadMs },
  })
  const nursery = createNursery(join(directory, 'gateway.log'))
  try {
    const text = chaosConfig(simulator, upstreams, directory, settings.deadlineSeconds)
    const kills: Kills = { named: 0, random: 0, early: 0, points: new Map(), diskFull: 0, clock: 0 }
    const schedule: string[] = []
    const place: Place = { address: null, crashes: 0 }
    const line = createLine({ nursery, text, seed, kills, schedule, place, most: settings.kills ?? Infinity })
    const ending = new AbortController()
    const over = new AbortController()
    const stage: Stage = {
      client: createClient(() => place.address, ending.signal),
      load: createLoad(),
      origin: simulator.origin,
      pictures: await makePictures(),
      ending: ending.signal,
      over: over.signal,
    }
    const { client, load } = stage

    await line.settleDown(0)
    await makeCast(client, simulator.origin)
    const ids = upstreams.map(({ id }) => id)
    const faults = createFaultMaker(simulator.control, ids, createRandom(seed, 'faults'))
    const began = Date.now()
    const timer = setTimeout(() => ending.abort(), minutes * 60_000)
    const { answered, played } = runLoad(stage, { seed, perSecond: settings.perSecond, mostUnfinished })
    const others = Promise.all([
      injectFaults(() => faults.turn(), createRandom(seed, 'trouble'), ending.signal),
      watch(stage, () =>
        say(
          `${Math.round((Date.now() - began) / 1000)} s: ${kills.named + kills.random} kills, ${load.asked.length} asked for`,
        ),
      ),
    ])
    await line.live(ending.signal)
    ending.abort()
    clearTimeout(timer)
    const seconds = (Date.now() - began) / 1000

    for (const id of ids) simulator.control.clearFaults(id)
    await line.settleDown(0)
    await Promise.all([answered, others])
    const drainSeconds = await drain(stage, { simulator, line, vendors }, settings)
    // All work has ended, so a follower that still waits was forgotten.
    setTimeout(() => over.abort(), graceMs).unref()
    await played
    const finding = await check(client, simulator, load)
    const result: Result = {
      seed,
      minutes,
      seconds,
      drainSeconds,
      kills,
      crashes: place.crashes,
      faults: faults.counts(),
      load,
      renders: simulator.control.renders().length,
      finding,
      schedule,
      directory,
    }
    if (isClean(result)) await rm(directory, { recursive: true })
    return result
  } finally {
    nursery.close()
    await simulator.close()
  }
}
