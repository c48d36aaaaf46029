import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { openSync } from 'node:fs'
import * as z from 'zod'
import type { Death, Life } from './plan.ts'

/**
 * Saves a fifth of the CPU time of loading, which limits the kills per second: no garbage collection, no resolving of
 * links.
 */
const flags = ['--min-semi-space-size=64', '--max-semi-space-size=64', '--preserve-symlinks']
const script = new URL('./gateway-process.ts', import.meta.url).pathname
/** Processes that are loaded ahead during long lives, and used during short ones. */
const spares = 4
/** Far more than loading takes, even on a machine that is overloaded twenty times. */
const loadMs = 240_000
const startMs = 120_000
/**
 * If a start takes longer than this, the machine is slow, and the life is extended by the same factor. Otherwise the
 * gateway would get nothing done.
 */
const usualStartMs = 250
const mostSlowness = 6
const longestLifeMs = 5_000

const said = z.discriminatedUnion('type', [
  z.object({ type: z.literal('warm') }),
  z.object({ type: z.literal('listens'), address: z.string() }),
  z.object({ type: z.literal('kill') }),
])

/** How a gateway ended: at its named point, killed or stopped by the parent, or on its own, which is an error. */
export type End = 'named' | 'random' | 'stopped' | 'by itself'

export interface Incarnation {
  /** Resolves when it listens; to null if it ended before. */
  address: Promise<string | null>
  /** Resolves when it has ended. */
  ended: Promise<End>
  /** How many times longer its start took than on an idle machine; 1 until it listens. */
  slowness(): number
  kill(): void
  /** It is killed at this point, if it comes to it. */
  arm(death: Death): void
  signal(name: 'SIGSTOP' | 'SIGCONT'): void
  /** Asks it to finish what is in hand, and to end. One that does not within `withinMs` has ended by itself. */
  stop(withinMs: number): void
}

/** Starts gateways. The next one is loaded ahead, so that a restart is fast. */
export interface Nursery {
  start(text: string, life: Life): Promise<Incarnation>
  close(): void
}

export function createNursery(logFile: string): Nursery {
  const log = openSync(logFile, 'a')
  const spare: Array<Promise<ChildProcess>> = []
  const all = new Set<ChildProcess>()
  const closing = new AbortController()

  async function load(): Promise<ChildProcess> {
    const child = spawn(process.execPath, [...flags, script], { stdio: ['ignore', log, log, 'ipc'] })
    all.add(child)
    const gone = new AbortController()
    child.once('exit', () => {
      all.delete(child)
      gone.abort(new Error(`a gateway ended before it was loaded; see ${logFile}`))
    })
    await once(child, 'message', { signal: AbortSignal.any([gone.signal, AbortSignal.timeout(loadMs)]) })
    return child
  }
  const refill = (): void => {
    while (!closing.signal.aborted && spare.length < spares) {
      const loading = load()
      loading.catch(() => undefined)
      spare.push(loading)
    }
  }
  refill()

  return {
    async start(text, life) {
      const child = await spare.shift()!
      refill()
      return letGo(child, text, life)
    },
    close() {
      closing.abort()
      for (const child of all) child.kill('SIGKILL')
    },
  }
}

function letGo(child: ChildProcess, text: string, life: Life): Incarnation {
  let how: End | null = null
  const born = Date.now()
  const end = (as: End): void => {
    how ??= as
    child.kill('SIGKILL')
  }
  const kill = (): void => end('random')
  let slowness = 1
  let timer: NodeJS.Timeout | undefined
  const wait = (from: 'start' | 'listening'): void => {
    if (life.after?.of !== from) return
    const { ms } = life.after
    timer = setTimeout(kill, Math.max(ms, Math.min(ms * slowness, longestLifeMs)))
  }
  wait('start')
  const hung = setTimeout(() => end('by itself'), startMs)
  let asked = false
  const ended = once(child, 'exit').then(([code, signal]): End => {
    clearTimeout(timer)
    clearTimeout(hung)
    if (how !== null) return how
    if (asked && code === 0) return 'stopped'
    return signal === 'SIGKILL' ? 'named' : 'by itself'
  })
  const address = new Promise<string | null>((resolve) => {
    child.on('message', (message) => {
      const told = said.parse(message)
      if (told.type === 'kill') end('named')
      if (told.type !== 'listens') return
      clearTimeout(hung)
      slowness = Math.min(mostSlowness, Math.max(1, (Date.now() - born) / usualStartMs))
      wait('listening')
      resolve(told.address)
    })
    void ended.then(() => resolve(null))
  })
  child.send({ text, life }, () => undefined)
  return {
    address,
    ended,
    slowness: () => slowness,
    kill,
    arm: (death) => void child.send({ arm: death }, () => undefined),
    signal: (name) => void child.kill(name),
    stop(withinMs) {
      asked = true
      child.kill('SIGTERM')
      timer = setTimeout(() => end('by itself'), withinMs)
    },
  }
}
