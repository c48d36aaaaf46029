import { setTimeout as pause } from 'node:timers/promises'
import autocannon from 'autocannon'
import { gatewayKey } from './configuration.ts'
import type { Child } from './child.ts'

export interface Load {
  /** Answers with 202, warm-up included; the warm-up's are not in the other figures. */
  accepted: number
  requestsPerSecond: number
  /** Milliseconds. */
  p50: number
  p99: number
  /** CPU time of the server's process, helper threads included, per answer. */
  cpuMicrosPerRequest: number
}

export const prompt = `A paper boat sails down a rainy street. ${'The camera follows it closely, low over the water. '.repeat(12)}`

export const requestBody = JSON.stringify({
  prompt,
  model: 'sora-2',
  duration: 10,
  size: '1280x720',
  routing: { priority: 'cost', fallback: true, max_cost_usd: 2 },
  metadata: { project: 'spring', scene: '12', shot: '12b', requested_by: 'storyboard' },
})

export const headers = { authorization: `Bearer ${gatewayKey}`, 'content-type': 'application/json' }

/** The options of autocannon that say what is sent. */
export const requestsTo = (server: Child) => ({
  url: `${server.address}/generate`,
  method: 'POST' as const,
  headers,
  body: requestBody,
})

/** `POST /generate` without pause from `connections` connections: first to warm up, then measured. Throws unless every answer is a 202. */
export async function applyLoad(
  server: Child,
  { connections, warmUpSeconds, seconds }: { connections: number; warmUpSeconds: number; seconds: number },
): Promise<Load> {
  const options = { ...requestsTo(server), connections }
  const warmUp = await autocannon({ ...options, duration: warmUpSeconds })
  // The requests that were under way when the warm-up ended.
  await pause(100)
  const cpuBefore = await server.cpuMicros()
  const result = await autocannon({ ...options, duration: seconds })
  const cpu = (await server.cpuMicros()) - cpuBefore
  const odd = [warmUp, result].flatMap(({ errors, timeouts, non2xx }) => [errors, timeouts, non2xx])
  if (odd.some((count) => count > 0)) throw new Error(`not every answer was a 202: ${odd.join(', ')}`)
  return {
    accepted: warmUp['2xx'] + result['2xx'],
    requestsPerSecond: result['2xx'] / result.duration,
    p50: result.latency.p50,
    p99: result.latency.p99,
    cpuMicrosPerRequest: cpu / result['2xx'],
  }
}
