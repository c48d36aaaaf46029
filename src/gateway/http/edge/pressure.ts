import { monitorEventLoopDelay } from 'node:perf_hooks'
import { getHeapStatistics } from 'node:v8'
import type { FastifyInstance } from 'fastify'
import { Problem } from '../../domain/problem.ts'

export interface Pressure {
  /** Mean delay of the event loop over one sample, in milliseconds, above which work is turned away. */
  eventLoopDelayMs: number
  heapBytes: number
  sampleMs: number
}

const resolutionMs = 10

/** Above nine tenths of the heap, V8 spends its time collecting; one second of delay is the whole start-up budget. */
export function defaultPressure(): Pressure {
  return {
    eventLoopDelayMs: 1000,
    heapBytes: Math.round(getHeapStatistics().heap_size_limit * 0.9),
    sampleMs: 1000,
  }
}

/**
 * Turns calls away with `overloaded` while the process cannot keep up. Liveness still answers: a restart would not help.
 * It asks V8 and not the operating system, as `process.memoryUsage()` and with it @fastify/under-pressure do: that opens a
 * file, and throws in a timer where no descriptor is left.
 */
export function shedLoad(app: FastifyInstance, { eventLoopDelayMs, heapBytes, sampleMs }: Pressure): void {
  const delay = monitorEventLoopDelay({ resolution: resolutionMs })
  delay.enable()
  let isOver = false
  let last = performance.now()
  const timer = setInterval(() => {
    const now = performance.now()
    // Without a sample there is no mean; the delay of this timer is used instead.
    const delayMs = Number.isNaN(delay.mean) ? now - last - sampleMs : delay.mean / 1e6 - resolutionMs
    last = now
    delay.reset()
    isOver = delayMs > eventLoopDelayMs || getHeapStatistics().used_heap_size > heapBytes
  }, sampleMs)
  timer.unref()
  app.addHook('onRequest', (request, _reply, done) => {
    if (!isOver || request.routeOptions.url === '/health/live') done()
    else done(new Problem('overloaded', 'The gateway is overloaded. Try again later.'))
  })
  app.addHook('onClose', (_app, done) => {
    clearInterval(timer)
    delay.disable()
    done()
  })
}
