import { cp } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import autocannon from 'autocannon'
import { startChild } from '../child.ts'
import type { Child } from '../child.ts'
import { requestsTo } from '../load.ts'
import { cpuMicrosOf, onServerCore } from '../serving/cores.ts'

export interface Rate {
  perSecond: number
  /** CPU time of the gateway for each, in microseconds. */
  cpuMicros: number
}

/** The first creates of a process run while its code is being compiled, and the last ones wait for nobody. */
const measuredFrom = 0.25
const measuredTo = 0.95
const lookMs = 10
const longestMs = 120_000

/** Has `count` generations accepted by a gateway without workers, which then ends: all of them wait to be sent. */
export async function fillBacklog(directory: string, upstreamUrl: string, count: number): Promise<void> {
  await using gateway = await startChild({ ...durable(directory, upstreamUrl), role: 'api' }, onServerCore)
  const result = await autocannon({ ...requestsTo(gateway), connections: 50, amount: count })
  if (result['2xx'] !== count) throw new Error(`${result['2xx']} of ${count} were accepted`)
  await gateway.kill()
}

/** Creates per second of a gateway that starts over a copy of `backlog`, while nobody calls it. */
export async function measureBacklog(
  backlog: string,
  directory: string,
  { vendor, count }: { vendor: Child; count: number },
): Promise<Rate> {
  await cp(backlog, directory, { recursive: true })
  const before = await vendor.creates()
  const sent = async (): Promise<number> => (await vendor.creates()) - before
  await using gateway = await startChild({ ...durable(directory, vendor.address), role: 'all' }, onServerCore)
  const from = await reached(sent, count * measuredFrom)
  const cpuFrom = cpuMicrosOf(gateway.pid)
  const to = await reached(sent, count * measuredTo)
  const cpuTo = cpuMicrosOf(gateway.pid)
  const creates = to.count - from.count
  return { perSecond: (creates * 1000) / (to.at - from.at), cpuMicros: (cpuTo - cpuFrom) / creates }
}

function durable(directory: string, upstreamUrl: string) {
  return { type: 'durable', directory, upstreamUrl, maxInFlight: null, notesAnswers: false } as const
}

async function reached(sent: () => Promise<number>, wanted: number): Promise<{ count: number; at: number }> {
  for (const until = performance.now() + longestMs; performance.now() < until; await pause(lookMs)) {
    const count = await sent()
    if (count >= wanted) return { count, at: performance.now() }
  }
  throw new Error(`fewer than ${wanted} creates came within ${longestMs} ms`)
}
