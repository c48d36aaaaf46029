import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { startSimulator } from '../../src/simulator/simulator.ts'
import type { Simulator } from '../../src/simulator/simulator.ts'
import { keys } from '../e2e/gateway.ts'
import { check, isSettled } from './checker.ts'
import type { Finding } from './checker.ts'
import { createClient } from './client.ts'
import type { Client } from './client.ts'
import { createFaultMaker } from './faults.ts'
import { createNursery } from './gateway.ts'
import type { Incarnation, Nursery } from './gateway.ts'
import { createLoad, makeCharacters, runLoad, tokenOf } from './load.ts'
import type { Load } from './load.ts'
import { nextLife } from './plan.ts'
import type { Life } from './plan.ts'
import { createRandom } from './random.ts'
import { castOf, chaosConfig } from './stage.ts'

export interface Settings {
  seed: number
  minutes: number
  /** Ends the load after so many kills, however few minutes have passed; null for no such end. */
  kills: number | null
  perSecond: number
  deadlineSeconds: number
  /** How long nothing may change at the end before the gateway is killed and started with its clock put forward. */
  patienceMs: number
  say: (text: string) => void
}

interface Kills {
  named: number
  random: number
  /** Of these, before it listened. */
  early: number
  points: Map<string, number>
  diskFull: number
  clock: number
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

/** One gateway after another on the same files. */
interface Line {
  /** Lives as the seed says, until `signal`. */
  live(signal: AbortSignal): Promise<void>
  /** Ends the present one and starts one that lives until it is ended; resolves when it listens. */
  settleDown(clockMs: number): Promise<void>
}

const calm: Life = { death: null, afterMs: null, clockMs: 0, diskFull: null }

/** Load, faults and kills by the seed, then peace, then the count. */
export async function runChaos(settings: Settings): Promise<Result> {
  const { seed, minutes, say } = settings
  const directory = await mkdtemp(join(tmpdir(), `understudy-chaos-${seed}-`))
  const upstreams = castOf(createRandom(seed, 'cast'))
  const simulator = await startSimulator({ upstreams })
  const nursery = createNursery(join(directory, 'gateway.log'))
  try {
    const text = chaosConfig(simulator, upstreams, directory, settings.deadlineSeconds)
    const kills: Kills = { named: 0, random: 0, early: 0, points: new Map(), diskFull: 0, clock: 0 }
    const schedule: string[] = []
    const place: Place = { address: null, crashes: 0 }
    const line = createLine({ nursery, text, seed, kills, schedule, place, most: settings.kills ?? Infinity })
    const client = createClient(() => place.address)
    const load = createLoad()

    await line.settleDown(0)
    await makeCharacters(client, simulator.origin)
    const ids = upstreams.map(({ id }) => id)
    const faults = createFaultMaker(simulator.control, ids, createRandom(seed, 'faults'))
    const began = Date.now()
    const ending = new AbortController()
    const timer = setTimeout(() => ending.abort(), minutes * 60_000)
    const { signal } = ending
    const options = { perSecond: settings.perSecond, characters: true, mostUnfinished: 300 }
    const loading = runLoad(client, load, createRandom(seed, 'load'), options, signal)
    const others = Promise.all([
      makeTrouble(() => faults.turn(), createRandom(seed, 'trouble'), signal),
      watch(client, load, signal, () =>
        say(
          `${Math.round((Date.now() - began) / 1000)} s: ${kills.named + kills.random} kills, ${load.asked.length} asked for`,
        ),
      ),
    ])
    await line.live(signal)
    ending.abort()
    clearTimeout(timer)
    const seconds = (Date.now() - began) / 1000

    for (const id of ids) simulator.control.clearFaults(id)
    await line.settleDown(0)
    await Promise.all([loading, others])
    const drain = await drained(client, simulator, line, load, settings)
    const finding = await check(client, simulator, load)
    const result: Result = {
      seed,
      minutes,
      seconds,
      drainSeconds: drain,
      kills,
      crashes: place.crashes,
      faults: faults.counts(),
      load,
      renders: simulator.control.renders().length,
      finding,
      schedule,
      directory,
    }
    if (finding.violations.length === 0 && place.crashes === 0) await rm(directory, { recursive: true })
    return result
  } finally {
    nursery.close()
    await simulator.close()
  }
}

interface Place {
  address: string | null
  crashes: number
}

function createLine(deps: {
  nursery: Nursery
  text: string
  seed: number
  kills: Kills
  schedule: string[]
  place: Place
  most: number
}): Line {
  const { nursery, text, kills, schedule, place, most } = deps
  const random = createRandom(deps.seed, 'lives')
  let present: Incarnation | null = null

  async function begin(life: Life): Promise<Incarnation> {
    const incarnation = await nursery.start(text, life)
    present = incarnation
    void follow(incarnation)
    return incarnation
  }
  async function follow(incarnation: Incarnation): Promise<void> {
    const address = await incarnation.address
    if (present === incarnation) place.address = address
    const how = await incarnation.ended
    if (present === incarnation) place.address = null
    if (how === 'by itself') place.crashes += 1
  }
  async function end(): Promise<void> {
    present?.kill()
    await present?.ended
  }
  return {
    async live(signal) {
      await end()
      while (!signal.aborted && kills.named + kills.random < most) {
        const life = nextLife(random, { backwards: true })
        const incarnation = await begin(life)
        const how = await incarnation.ended
        const listened = (await incarnation.address) !== null
        const point = life.death?.point ?? ''
        if (how === 'named') {
          kills.named += 1
          kills.points.set(point, (kills.points.get(point) ?? 0) + 1)
        } else if (how === 'random') kills.random += 1
        if (!listened) kills.early += 1
        if (life.diskFull !== null) kills.diskFull += 1
        if (life.clockMs !== 0) kills.clock += 1
        schedule.push(`${new Date().toISOString()} ${how} ${JSON.stringify(life)}`)
      }
    },
    async settleDown(clockMs) {
      await end()
      const { address } = await begin({ ...calm, clockMs })
      if ((await address) === null) throw new Error('the gateway does not start')
    },
  }
}

async function makeTrouble(
  turn: () => void,
  random: ReturnType<typeof createRandom>,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    turn()
    await pause(random.int(50, 600))
  }
}

/** Looks at the newest generations as any caller may, and remembers what it was shown. */
async function watch(client: Client, load: Load, signal: AbortSignal, tell: () => void): Promise<void> {
  for (let turn = 1; !signal.aborted; turn++) {
    for (const key of [keys.studio, keys.bank]) {
      const askedAt = Date.now()
      for (const { id, status } of await client.latest(key)) load.note(id, status, askedAt)
    }
    if (turn % 20 === 0) tell()
    await pause(500)
  }
}

const mostRounds = 60
const stepMs = 20_000

/** Waits until nothing is open, putting the clock forward when nothing moves; the seconds that took. Bounded. */
async function drained(
  client: Client,
  simulator: Simulator,
  line: Line,
  load: Load,
  { patienceMs, say }: Settings,
): Promise<number> {
  const began = Date.now()
  let before = ''
  let changedAt = Date.now()
  for (let round = 0; round < mostRounds;) {
    for (const { id, state } of simulator.control.renders()) {
      if (state === 'queued' || state === 'in_progress') finish(simulator, id)
    }
    const renders = Map.groupBy(simulator.control.renders(), ({ prompt }) => tokenOf(prompt))
    const askedAt = Date.now()
    const all = [...(await client.list(keys.studio)), ...(await client.list(keys.bank))]
    for (const { id, status } of all) load.note(id, status, askedAt)
    const open = all.filter((each) => !isSettled(each, renders.get(tokenOf(each.prompt)) ?? []))
    if (open.length === 0) break
    const now = JSON.stringify(
      open.map(({ id, status, attempts }) => [id, status, attempts.map(({ state }) => state)]),
    )
    if (now !== before) changedAt = Date.now()
    before = now
    if (Date.now() - changedAt > patienceMs) {
      round += 1
      say(`${open.length} open; clock put forward by ${(round * stepMs) / 1000} s`)
      await line.settleDown(round * stepMs)
      changedAt = Date.now()
    }
    await pause(250)
  }
  return (Date.now() - began) / 1000
}

function finish(simulator: Simulator, id: string): void {
  try {
    simulator.control.finish(id)
  } catch {
    // It ended by itself between the look and the touch.
  }
}
