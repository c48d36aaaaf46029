import type { ChildProcess } from 'node:child_process'
import { setTimeout as pause } from 'node:timers/promises'
import { watchSlowdown } from '../fixtures/slowdown.ts'
import { isAlive } from './real-gateway.ts'

const everyMs = 10
/** What health may take at p99 on a machine that does nothing else. */
const quietMs = 250

export interface HealthFigures {
  asked: number
  /** Milliseconds; Infinity where an answer was not 200. */
  p99: number
  max: number
  /** What p99 has to stay below: more than `quietMs` only as far as gateway and probe had to wait for a processor. */
  limit: number
}

/** Asks the gateway for its health until `stop`. */
export function probeHealth({ address, child }: { address: string; child: ChildProcess }): {
  stop(): Promise<HealthFigures>
} {
  const stopped = new AbortController()
  const slowdowns = [watchSlowdown(() => child.pid), watchSlowdown(() => process.pid)]
  const times: number[] = []
  const asking = (async () => {
    while (!stopped.signal.aborted) {
      const from = performance.now()
      times.push((await isAlive(address)) ? performance.now() - from : Infinity)
      await pause(everyMs)
    }
  })()
  return {
    async stop() {
      const slowdown = slowdowns.reduce((sum, each) => sum + each.stop() - 1, 1)
      stopped.abort()
      await asking
      const sorted = times.toSorted((a, b) => a - b)
      return {
        asked: sorted.length,
        p99: Math.round(sorted[Math.floor(sorted.length * 0.99)] ?? Infinity),
        max: Math.round(sorted.at(-1) ?? Infinity),
        limit: Math.round(quietMs * slowdown),
      }
    },
  }
}
