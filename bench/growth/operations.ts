import { Pool } from 'undici'
import { percentile } from '../figures.ts'
import { keyOf } from '../crowd/gateway.ts'
import type { Gateway } from '../crowd/gateway.ts'
import { cpuMicrosOf } from '../serving/cores.ts'
import { idAt } from './fill.ts'
import type { Filling } from './fill.ts'

export const observer = { name: 'observer', key: 'observer-Kd82nGq0xWv5TzR7', scopes: ['observe'] }

/** What one operation costs at one size. */
export interface Cost {
  count: number
  /** CPU time of the whole process for each, its threads included, in microseconds. */
  cpuMicros: number
  /** From the request to all of its answer, in ms; null where the gateway does it by itself. */
  p50: number | null
}

interface Operation {
  /** The path of the request with this number. */
  path: (number: number) => string
  body?: string
  isObserver?: true
  /** Requests at a time. */
  atOnce: number
  /** Why its cost grows with what it is about, off the event loop or up to a bound. */
  reads?: string
  /** More are not sent, for what is asked for a second time is known. */
  most?: number
}

const asked = JSON.stringify({ prompt: 'A paper boat sails down a rainy street.', duration: 10 })
const mostCold = 5000
const passes = 3

const list = (query: string): Operation => ({ path: () => `/generations?limit=20${query}`, atOnce: 4 })
const count = (query: string): Operation => ({
  path: () => `/generations/counts${query}`,
  atOnce: 1,
  reads: 'all that is open',
})
const reported = (path: string): Operation => ({ path: () => path, isObserver: true, atOnce: 1 })

/** In the order in which they are measured: what adds generations comes last. */
export function operationsOf(filling: Filling): Map<string, Operation> {
  const all = filling.finished + filling.inFlight
  // Far from each other, and none twice.
  const cold = (number: number) => 1 + ((number * 7919) % all)
  const middle = idAt(Math.ceil(all / 2), filling)
  return new Map<string, Operation>([
    [
      'read, each once',
      {
        path: (number) => `/generations/${idAt(cold(number), filling)}`,
        atOnce: 8,
        most: Math.min(all, mostCold),
      },
    ],
    ['read, the same', { path: () => `/generations/${middle}`, atOnce: 8 }],
    ['list, newest', list('')],
    ['list, from the middle', list(`&cursor=${middle}`)],
    ['list, oldest first', list('&order=oldest')],
    ['list, in progress', list('&status=in_progress')],
    ['list, of a key', list('&key=key-1')],
    ['list, at an upstream', list('&upstream=reseller-3')],
    ['list, at an upstream, in progress', list('&upstream=reseller-3&status=in_progress')],
    ['list, by metadata', list('&metadata.shot=shot-7')],
    ['list, words found', list('&q=beach')],
    ['list, words not found', { ...list('&q=volcano'), atOnce: 1, reads: '20,000 at most' }],
    ['counts', count('')],
    ['counts, in progress', count('?status=in_progress')],
    ['counts, of a key', count('?key=key-1')],
    ['counts, of all tenants', { ...count(''), isObserver: true }],
    ['key', { path: () => '/keys/me', atOnce: 8 }],
    ['usage, this month', reported('/usage')],
    ['usage, by key and day', reported('/usage?group_by=key,day')],
    ['usage, by hour', { ...reported('/usage?group_by=hour'), reads: 'all attempts of the period' }],
    [
      'statistics of an upstream',
      {
        ...reported('/upstreams/reseller-1/statistics?step=day'),
        reads: 'all attempts of the period',
      },
    ],
    ['upstreams', reported('/upstreams')],
    ['tenants', reported('/tenants')],
    ['metrics', { ...reported('/metrics'), reads: 'all in flight' }],
    ['accept and send', { path: () => '/generate', body: asked, atOnce: 8 }],
  ])
}

/** What is read by each operation whose cost is known to grow. */
export function knownGrowths(): Map<string, string> {
  const any = { inFlight: 1, finished: 0, upstreams: 1, keys: 1, now: Date.now(), dueInMs: 0 }
  return new Map(
    [...operationsOf(any)].flatMap(([name, { reads }]) => (reads === undefined ? [] : [[name, reads]])),
  )
}

/** Sends requests without pause for some seconds, in passes of which the one with the least CPU time counts. Throws unless every answer is a success. */
export async function measure(
  { address, pid }: Gateway,
  { path, body, isObserver, atOnce, most = Infinity }: Operation,
  seconds: number,
): Promise<Cost> {
  await using closing = new AsyncDisposableStack()
  const pool = closing.adopt(new Pool(address, { connections: atOnce }), (each) => each.destroy())
  const authorization = `Bearer ${isObserver ? observer.key : keyOf(0)}`
  const headers = { authorization, ...(body !== undefined && { 'content-type': 'application/json' }) }
  const method = body === undefined ? ('GET' as const) : ('POST' as const)
  const times: number[] = []
  let sent = 0
  let until = most
  const askUntil = async (end: number): Promise<void> => {
    while (performance.now() < end && sent < until) {
      const from = performance.now()
      const answer = await pool.request({ path: path(sent++), method, headers, body: body ?? null })
      await answer.body.dump({ limit: 1e9 })
      if (answer.statusCode >= 300)
        throw new Error(`${method} ${path(0)} was answered with ${answer.statusCode}`)
      times.push(performance.now() - from)
    }
  }
  const askAtOnce = (ms: number) => {
    const end = performance.now() + ms
    return Promise.all(Array.from({ length: atOnce }, () => askUntil(end)))
  }
  // The first requests compile what they need.
  if (most === Infinity) await askAtOnce(200 + seconds * 200)
  const costs: Cost[] = []
  for (let pass = 1; pass <= passes; pass++) {
    times.length = 0
    until = (most / passes) * pass
    const cpu = cpuMicrosOf(pid)
    await askAtOnce((seconds * 1000) / passes)
    const cpuMicros = (cpuMicrosOf(pid) - cpu) / times.length
    costs.push({ count: times.length, cpuMicros, p50: percentile(times, 0.5) })
  }
  // Other work on the machine only makes it more.
  return costs.reduce((least, each) => (each.cpuMicros < least.cpuMicros ? each : least))
}
