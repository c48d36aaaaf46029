import type { Incarnation, Nursery } from './gateway.ts'
import { nextLife } from './plan.ts'
import type { Life } from './plan.ts'
import { createRandom } from './random.ts'

export interface Kills {
  named: number
  random: number
  /** Of these, before it listened. */
  early: number
  points: Map<string, number>
  diskFull: number
  clock: number
}

/** One gateway after another on the same files. */
export interface Line {
  /** Lives as the seed says, until `signal`. */
  live(signal: AbortSignal): Promise<void>
  /** Ends the present one and starts one that lives until it is ended; resolves when it listens. */
  settleDown(clockMs: number): Promise<void>
  /** How slow this machine is just now; 1 is idle. */
  slowness(): number
}

const calm: Life = { death: null, after: null, clock: null, diskFull: null }

export interface Place {
  address: string | null
  crashes: number
}

export function createLine(deps: {
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
        const life = nextLife(random)
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
        if (life.clock !== null) kills.clock += 1
        schedule.push(`${new Date().toISOString()} ${how} ${JSON.stringify(life)}`)
      }
    },
    slowness: () => present?.slowness() ?? 1,
    async settleDown(clockMs) {
      await end()
      const { address } = await begin({ ...calm, clock: { byMs: clockMs, fromMs: 0 } })
      if ((await address) === null) throw new Error('the gateway does not start')
    },
  }
}
