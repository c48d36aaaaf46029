import { getHeapStatistics } from 'node:v8'
import underPressure from '@fastify/under-pressure'
import type { FastifyInstance } from 'fastify'
import { Problem } from '../domain/problem.ts'

export interface Pressure {
  /** Mean delay of the event loop over one sample, in milliseconds, above which work is turned away. */
  eventLoopDelayMs: number
  heapBytes: number
  sampleMs: number
}

/** Above nine tenths of the heap, V8 spends its time collecting; one second of delay is the whole start-up budget. */
export function defaultPressure(): Pressure {
  return {
    eventLoopDelayMs: 1000,
    heapBytes: Math.round(getHeapStatistics().heap_size_limit * 0.9),
    sampleMs: 1000,
  }
}

/** Turns calls away with `overloaded` while the process cannot keep up. Liveness still answers: a restart would not help. */
export async function shedLoad(app: FastifyInstance, pressure: Pressure): Promise<void> {
  await app.register(underPressure, {
    maxEventLoopDelay: pressure.eventLoopDelayMs,
    maxHeapUsedBytes: pressure.heapBytes,
    sampleInterval: pressure.sampleMs,
    async pressureHandler(request) {
      if (request.routeOptions.url === '/health/live') return
      throw new Problem('overloaded', 'The gateway cannot take more work at the moment.')
    },
  })
}
