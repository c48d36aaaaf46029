import type { ChildProcess } from 'node:child_process'
import { setTimeout as pause } from 'node:timers/promises'
import { watchSlowdown } from '../fixtures/slowdown.ts'
import { isAlive } from './real-gateway.ts'

const everyMs = 10
/** The limit for health checks at p99 on an idle machine. */
const quietMs = 250

export interface HealthFigures {
  asked: number
  /** Milliseconds; Infinity if a response was not 200. */
  p99: number
  max: number
  /** The limit for p99: `quietMs`, plus the time that gateway and probe waited for a processor. */
  limit: number
}

/** Polls the gateway's health until `stop`. */
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
