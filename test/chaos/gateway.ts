import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { openSync } from 'node:fs'
import * as z from 'zod'
import type { Life } from './plan.ts'

const script = new URL('./gateway-process.ts', import.meta.url).pathname
const startMs = 120_000

const said = z.discriminatedUnion('type', [
  z.object({ type: z.literal('warm') }),
  z.object({ type: z.literal('listens'), address: z.string() }),
])

/** How an incarnation ended: at its named point, by the parent's hand, or (a fault of the gateway) by itself. */
export type End = 'named' | 'random' | 'by itself'

export interface Incarnation {
  /** Resolves when it listens; to null when it ended before. */
  address: Promise<string | null>
  /** Resolves when it has ended. */
  ended: Promise<End>
  kill(): void
}

/** Starts gateways, one at a time. The next one is loaded while this one lives, so that a restart takes little. */
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
    const child = spawn(process.execPath, [script], { stdio: ['ignore', log, log, 'ipc'] })
    all.add(child)
    child.once('exit', () => all.delete(child))
    await once(child, 'message', { signal: AbortSignal.timeout(startMs) })
    return child
  }
  const refill = (): void => {
    while (!closing.signal.aborted && spare.length < 2) {
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
  let killed = false
  const kill = (): void => {
    killed = true
    child.kill('SIGKILL')
  }
  const timer = life.afterMs === null ? undefined : setTimeout(kill, life.afterMs)
  const ended = once(child, 'exit').then(([, signal]): End => {
    clearTimeout(timer)
    if (killed) return 'random'
    return signal === 'SIGKILL' ? 'named' : 'by itself'
  })
  const address = new Promise<string | null>((resolve) => {
    child.on('message', (message) => {
      const told = said.parse(message)
      if (told.type === 'listens') resolve(told.address)
    })
    void ended.then(() => resolve(null))
  })
  child.send({ text, life }, () => undefined)
  return { address, ended, kill }
}
