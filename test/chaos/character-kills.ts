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

/** Where the gateway dies, over and over: around the one call that makes a character, and around what is stored of it. */
const points = [
  'upstream.createCharacter:after',
  'upstream.createCharacter:after',
  'upstream.createCharacter:before',
  'characters.changeBinding:after',
]

export interface KillCount {
  kills: number
  /** Characters that the vendor made. */
  made: number
  /** Of these, those that a binding names. */
  named: number
  /** What the bindings report. */
  orphans: number
  /** What must not be: in words. */
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
 * Kills a gateway so many times while a generation of it has a character made; each time another character. Whatever was
 * left is looked at by the gateway that comes after, which is killed with the next one.
 */
export async function killWhileBinding(times: number, say: (text: string) => void): Promise<KillCount> {
  const directory = await mkdtemp(join(tmpdir(), 'understudy-characters-'))
  const upstreams = [{ ...reverse, render: { milliseconds: 100 } }]
  const simulator = await startSimulator({ upstreams })
  const log = join(directory, 'gateway.log')
  let nursery = createNursery(log)
  /** A busy machine may not load a gateway in time; that says nothing about the gateway. */
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
    live: true,
    settings: { reseller: { ...timing, breaker: { min_calls: 1000 } } },
  })
  const cast: Cast[] = []
  const kills = { count: 0 }
  try {
    for (let turn = 0; kills.count < times && turn < 2 * times; turn++) {
      const point = points[turn % points.length] ?? ''
      // Of the changes of a binding the first is its claim, the second says that the creation leaves, the third its end.
      const count = point.startsWith('characters.') ? 1 + (turn % 3) : 1
      const incarnation = await start({ ...calm, death: { point, count, delayMs: 0 } })
      // What the one before left may bring it to its end before it listens, or while it is being asked.
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

/** What became of each character, once every generation has ended; then whether another try is made for it. */
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
    // A second generation in need must not have it made anew, unless nothing was ever made.
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
