import { setTimeout as pause } from 'node:timers/promises'
import autocannon from 'autocannon'
import { startChild } from '../child.ts'
import type { Child } from '../child.ts'
import { prompt, requestsTo } from '../load.ts'
import { cpuMicrosOf, onServerCore } from '../serving/cores.ts'

/** A relay: it sends each create on before it answers. */
export interface Peer extends AsyncDisposable {
  pid: number
  /** Where a create is sent by `POST`, and with what beside its body. */
  url: string
  headers: Record<string, string>
}

export interface Relayed {
  /** Creates that were answered well and that the upstream took. */
  perSecond: number
  /** CPU time of the server's process for each of them, in microseconds. */
  cpuMicros: number
  /** From a create to its answer, in milliseconds. */
  p99: number
}

interface How {
  connections: number
  warmUpSeconds: number
  seconds: number
}

/** The same prompt as the gateway gets, in the words of OpenAI's API. */
const body = JSON.stringify({ model: 'sora-2', prompt, size: '1280x720', seconds: '8' })

/** A relay, which rests before and after: what it does by itself takes nothing from others on its core. */
export async function measurePeer(peer: Peer, upstream: Child, how: How): Promise<Relayed> {
  process.kill(peer.pid, 'SIGCONT')
  try {
    const headers = { ...peer.headers, 'content-type': 'application/json' }
    return await measure({ url: peer.url, method: 'POST', headers, body }, { pid: peer.pid, upstream, how })
  } finally {
    process.kill(peer.pid, 'SIGSTOP')
  }
}

/** The gateway with workers in the same process, over a new SQLite file. */
export async function measureOurs(directory: string, upstream: Child, how: How): Promise<Relayed> {
  const upstreamUrl = upstream.address
  const limits = { maxInFlight: null, notesAnswers: false }
  await using gateway = await startChild(
    { type: 'durable', directory, role: 'all', upstreamUrl, ...limits },
    onServerCore,
  )
  return await measure(requestsTo(gateway), { pid: gateway.pid, upstream, how })
}

/** Creates without pause. Throws unless all are answered with a 2xx. */
async function measure(
  requests: autocannon.Options,
  { pid, upstream, how }: { pid: number; upstream: Child; how: How },
): Promise<Relayed> {
  const options = { ...requests, connections: how.connections }
  const warmUp = await autocannon({ ...options, duration: how.warmUpSeconds })
  // The requests that were under way when the warm-up ended.
  await pause(100)
  const sentBefore = await upstream.creates()
  const cpuBefore = cpuMicrosOf(pid)
  const result = await autocannon({ ...options, duration: how.seconds })
  const sent = (await upstream.creates()) - sentBefore
  const cpu = cpuMicrosOf(pid) - cpuBefore
  const odd = [warmUp, result].flatMap(({ errors, timeouts, non2xx }) => [errors, timeouts, non2xx])
  if (odd.some((count) => count > 0)) throw new Error(`not every answer was a 2xx: ${odd.join(', ')}`)
  // What was accepted while it warmed up may be sent later, and is not counted for more than is accepted.
  const creates = Math.min(sent, result['2xx'])
  if (creates === 0) throw new Error(`no create came through ${requests.url} in ${how.seconds} s`)
  return { perSecond: creates / result.duration, cpuMicros: cpu / creates, p99: result.latency.p99 }
}
