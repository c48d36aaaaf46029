import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { startSimulator } from '../../src/simulator/simulator.ts'
import type { Simulator } from '../../src/simulator/simulator.ts'
import { configText, keys, reverse } from '../e2e/gateway.ts'
import { createNursery } from './gateway.ts'
import type { Incarnation } from './gateway.ts'
import type { Life } from './plan.ts'

/** Where the gateway is killed: around the call that creates a character, and around storing the result. */
const points = [
  'upstream.createCharacter:after',
  'upstream.createCharacter:after',
  'upstream.createCharacter:before',
  'characters.changeBinding:after',
]

export interface KillCount {
  kills: number
  /** Characters that the vendor created. */
  made: number
  /** Those of them that a binding refers to. */
  named: number
  /** The orphans that the bindings report. */
  orphans: number
  /** Descriptions of violations. */
  violations: string[]
}

const answerMs = 20_000
const mostTries = 5
const calm: Life = { death: null, after: null, clock: null, diskFull: null }

interface Cast {
  name: string
  generation: string
}

/**
 * Kills a gateway this many times while it creates a character for a generation, a different character each time. The
 * next gateway handles what was left, and is killed with the next character.
 */
export async function killWhileBinding(times: number, say: (text: string) => void): Promise<KillCount> {
  const directory = await mkdtemp(join(tmpdir(), 'understudy-characters-'))
  const upstreams = [{ ...reverse, render: { milliseconds: 100 } }]
  const simulator = await startSimulator({ upstreams })
  const log = join(directory, 'gateway.log')
  let nursery = createNursery(log)
  /** A gateway may take long to load on a busy machine, which says nothing about the gateway. */
  const start = async (life: Life): Promise<Incarnation> => {
    for (let tries = 1; ; tries++) {
      try {
        return await nursery.start(text, life)
      } catch (error) {
        if (tries >= mostTries) throw error
        nursery.close()
        nursery = createNursery(log)
      }
    }
  }
  const timing = { poll: { first_after_seconds: 0.1, every_seconds: 0.1 } }
  const text = configText(simulator, upstreams, directory, {
    settings: { reseller: { ...timing, breaker: { min_calls: 1000 } } },
  })
  const cast: Cast[] = []
  const kills = { count: 0 }
  try {
    for (let turn = 0; kills.count < times && turn < 2 * times; turn++) {
      const point = points[turn % points.length] ?? ''
      // The first change of a binding is its claim, the second marks the creation as sent, the third is its end.
      const count = point.startsWith('characters.') ? 1 + (turn % 3) : 1
      const incarnation = await start({ ...calm, death: { point, count, delayMs: 0 } })
      // Work from the previous gateway may kill it before it listens, or during a call.
      const address = await incarnation.address
      if (address !== null) await act(address, simulator, `girl_${turn}`, cast).catch(() => undefined)
      const how = await within(incarnation.ended)
      if (how === 'named') kills.count += 1
      else if (how === 'by itself') throw new Error(`turn ${turn}: the gateway ended by itself`)
      else incarnation.kill()
      await incarnation.ended
      if (turn % 20 === 19) say(`${turn + 1} kills`)
    }
    const last = await start(calm)
    const address = await last.address
    if (address === null) throw new Error('the gateway does not start')
    const count = await look(address, simulator, cast)
    last.kill()
    return { kills: kills.count, ...count }
  } finally {
    nursery.close()
    await simulator.close()
    await rm(directory, { recursive: true })
  }
}

async function within<T>(promise: Promise<T>): Promise<T | 'not at all'> {
  return Promise.race([promise, pause(answerMs, 'not at all' as const, { ref: false })])
}

const headers = { authorization: `Bearer ${keys.studio}`, 'content-type': 'application/json' }

async function call(address: string, method: string, path: string, body?: object): Promise<any> {
  const response = await fetch(`${address}${path}`, {
    method,
    headers,
    ...(body && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(answerMs),
  })
  return response.json()
}

async function act(address: string, simulator: Simulator, name: string, cast: Cast[]): Promise<void> {
  const video = `${simulator.origin}/clips/girl.mp4?seconds=1&size=64x64`
  await call(address, 'POST', '/characters', { name, video_url: video })
  const made = await call(address, 'POST', '/generate', { prompt: `@${name} waves`, duration: 5 })
  if (typeof made.id === 'string') cast.push({ name, generation: made.id })
}

/** The state of each character once every generation has ended, and then whether it would be created again. */
async function look(
  address: string,
  simulator: Simulator,
  cast: readonly Cast[],
): Promise<Omit<KillCount, 'kills'>> {
  const violations: string[] = []
  const total = { made: 0, named: 0, orphans: 0 }
  for (const { name, generation } of cast) {
    const { status } = await call(address, 'GET', `/generations/${generation}?wait=20`)
    if (status !== 'completed' && status !== 'failed') violations.push(`${name}: the generation is ${status}`)
    // A second generation must not create it again, unless it was never created.
    const again = await call(address, 'POST', '/generate', { prompt: `@${name} again`, duration: 5 })
    if (again.id !== undefined) await call(address, 'GET', `/generations/${again.id}?wait=20`)
    const { bindings } = await call(address, 'GET', `/characters/${name}`)
    const made = simulator.control.characters().filter((character) => character.name === name)
    const named = bindings.filter(({ state }: { state: string }) => state === 'ready').length
    const orphans = bindings.reduce((sum: number, { orphans: n }: { orphans: number }) => sum + n, 0)
    if (made.length - named > 1) violations.push(`${name}: ${made.length - named} orphans`)
    if (made.length - named > orphans) violations.push(`${name}: an orphan is not reported`)
    if (bindings.some(({ state }: { state: string }) => state === 'pending'))
      violations.push(`${name}: stuck`)
    total.made += made.length
    total.named += named
    total.orphans += orphans
  }
  return { ...total, violations }
}
