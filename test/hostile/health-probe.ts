import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import type { Test } from 'tap'
import { isAlive } from './real-gateway.ts'

const bareServer = new URL('bare-server.ts', import.meta.url).pathname
const everyMs = 10
/** What health may take at p99 on a machine that does nothing else. */
const quietMs = 250
/** A process that also works waits longer for its turn on a busy machine than one that only answers. */
const busyFactor = 4

export interface HealthFigures {
  asked: number
  /** Milliseconds; Infinity where an answer was not 200. */
  p99: number
  max: number
  /** What p99 has to stay below: more than `quietMs` only where a bare server was late at the same time. */
  limit: number
}

/** Asks the gateway for its health until `stop`, and beside it a bare server that shares the machine with it. */
export async function probeHealth(t: Test, address: string): Promise<{ stop(): Promise<HealthFigures> }> {
  const bare = await startBareServer(t)
  const stopped = new AbortController()
  const [times, usual] = [askAllTheTime(address, stopped.signal), askAllTheTime(bare, stopped.signal)]
  return {
    async stop() {
      stopped.abort()
      const [sorted, sortedUsual] = await Promise.all([times, usual])
      return {
        asked: sorted.length,
        p99: Math.round(percentile(sorted, 0.99)),
        max: Math.round(sorted.at(-1) ?? Infinity),
        limit: Math.max(quietMs, Math.round(busyFactor * percentile(sortedUsual, 0.99))),
      }
    },
  }
}

async function askAllTheTime(address: string, stopped: AbortSignal): Promise<number[]> {
  const times: number[] = []
  while (!stopped.aborted) {
    const from = performance.now()
    times.push((await isAlive(address)) ? performance.now() - from : Infinity)
    await pause(everyMs)
  }
  return times.toSorted((a, b) => a - b)
}

async function startBareServer(t: Test): Promise<string> {
  const child = spawn(process.execPath, [bareServer], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(() => child.kill('SIGKILL'))
  const [line]: unknown[] = await once(child.stdout.setEncoding('utf8'), 'data')
  return String(line).trim()
}

function percentile(sorted: number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Infinity
}
