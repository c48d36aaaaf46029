import { startChild } from '../child.ts'
import type { Child } from '../child.ts'
import { applyLoad } from '../load.ts'
import { onServerCore } from '../serving/cores.ts'

export interface Burst {
  acceptedPerSecond: number
  /** Of the generations that were accepted, those whose create had come when the callers ended. */
  sentShare: number
  /** Of the callers, in milliseconds. */
  p99: number
}

/** How many creates leave while callers send `POST /generate` without pause. */
export async function measureBesideCallers(
  directory: string,
  { vendor, ...how }: { vendor: Child; connections: number; warmUpSeconds: number; seconds: number },
): Promise<Burst> {
  const before = await vendor.creates()
  await using gateway = await startChild(
    {
      type: 'durable',
      directory,
      role: 'all',
      upstreamUrl: vendor.address,
      maxInFlight: null,
      notesAnswers: false,
    },
    onServerCore,
  )
  const load = await applyLoad(gateway, how)
  const sent = (await vendor.creates()) - before
  return { acceptedPerSecond: load.requestsPerSecond, sentShare: sent / load.accepted, p99: load.p99 }
}
