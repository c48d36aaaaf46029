import { once } from 'node:events'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { generationId } from '../../test/fixtures/generation.ts'
import { percentile } from '../figures.ts'
import { cpuMicrosOf, residentMegabytes } from '../serving/cores.ts'
import { fillInFlight } from './fill.ts'
import { keyOf, startGateway, streamsPerKey } from './gateway.ts'
import type { Crowd } from './gateway.ts'

/** What readers follow: everything that their key may see, one generation, or each one of its own. */
export const followed = ['everything', 'one', 'own'] as const
export type Followed = (typeof followed)[number]

export interface Readers {
  followed: Followed
  readers: number
  /** Memory of the gateway before the readers came, with all of them, and at most while events came. */
  megabytes: { before: number; open: number; most: number }
  /** From the request that changes a generation to the event at the first, the median and the last reader, in ms. */
  eventMs: Array<{ first: number; p50: number; last: number }>
  /** Cores that the gateway uses while nothing happens. */
  idleCores: number
}

const openTogether = 200
const longestMs = 30_000
/** Beyond the first look again of every reader. */
const idleMs = 8000
const buffer = Buffer.allocUnsafeSlow(64 * 1024)
const opened = Buffer.from(': open')

/** One connection that follows a stream, and is told of each piece of it. */
async function openReader(
  address: string,
  path: string,
  key: string,
  told: (piece: Buffer) => void,
): Promise<Socket> {
  const { hostname, port, host } = new URL(address)
  const waiting = Promise.withResolvers<void>()
  let isOpen = false
  let head = ''
  const socket = connect({
    host: hostname,
    port: Number(port),
    onread: {
      buffer,
      callback(length) {
        const piece = buffer.subarray(0, length)
        if (isOpen) told(piece)
        else {
          head += piece.toString('latin1')
          if (!head.includes(': open')) return true
          isOpen = true
          if (head.startsWith('HTTP/1.1 200 ')) waiting.resolve()
          else waiting.reject(new Error(`a reader was answered with ${head.slice(0, 200)}`))
          told(piece.subarray(piece.indexOf(opened)))
        }
        return true
      },
    },
  })
  socket.on('error', waiting.reject)
  socket.on('end', () => waiting.reject(new Error(`a reader was answered with ${head.slice(0, 200)}`)))
  socket.write(`GET ${path} HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer ${key}\r\n\r\n`)
  await waiting.promise
  return socket
}

/** Opens the readers, then changes a generation `events` times, which every reader, or its own, is told of. */
export async function measureReaders(
  crowd: Crowd,
  { what, count, events }: { what: Followed; count: number; events: number },
): Promise<Readers> {
  const generations = Math.max(what === 'own' ? count : 0, events) + 1
  await fillInFlight(`${crowd.directory}/understudy.db`, generations, crowd.upstreams, { dueInMs: 3_600_000 })
  await using gateway = await startGateway({ ...crowd, keys: Math.ceil(count / streamsPerKey) })
  await pause(1000)
  const before = residentMegabytes(gateway.pid)
  const sockets: Socket[] = []
  let marker = Buffer.from('none')
  let arrivals: number[] = []
  const told = (piece: Buffer): void => {
    if (piece.includes(marker)) arrivals.push(performance.now())
  }
  const pathOf = (reader: number): string =>
    what === 'everything' ? '/events' : `/generations/${generationId(what === 'one' ? 1 : reader + 1)}/events`
  try {
    for (let from = 0; from < count; from += openTogether) {
      const numbers = Array.from({ length: Math.min(openTogether, count - from) }, (_, index) => from + index)
      const keyed = numbers.map((reader) => ({
        path: pathOf(reader),
        key: keyOf(Math.floor(reader / streamsPerKey)),
      }))
      sockets.push(
        ...(await Promise.all(keyed.map(({ path, key }) => openReader(gateway.address, path, key, told)))),
      )
    }
    await pause(2000)
    const open = residentMegabytes(gateway.pid)
    const cpuBefore = cpuMicrosOf(gateway.pid)
    await pause(idleMs)
    const idleCores = (cpuMicrosOf(gateway.pid) - cpuBefore) / (idleMs * 1000)
    let most = open
    const watch = setInterval(() => (most = Math.max(most, residentMegabytes(gateway.pid))), 50)
    const eventMs: Readers['eventMs'] = []
    for (let event = 0; event < (what === 'one' ? 1 : events); event++) {
      const id = generationId(event + 1)
      marker = Buffer.from(what === 'everything' ? id : 'generation.cancelled')
      arrivals = []
      const from = performance.now()
      await cancel(gateway.address, id)
      const expected = what === 'own' ? 1 : count
      while (arrivals.length < expected && performance.now() - from < longestMs) await pause(5)
      if (arrivals.length < expected) throw new Error(`${arrivals.length} of ${expected} readers were told`)
      const times = arrivals.map((at) => at - from)
      eventMs.push({ first: Math.min(...times), p50: percentile(times, 0.5), last: Math.max(...times) })
      await pause(1200)
    }
    clearInterval(watch)
    return { followed: what, readers: count, megabytes: { before, open, most }, eventMs, idleCores }
  } finally {
    for (const socket of sockets) socket.destroy()
    await Promise.all(sockets.filter(({ closed }) => !closed).map((socket) => once(socket, 'close')))
  }
}

async function cancel(address: string, id: string): Promise<void> {
  const response = await fetch(`${address}/generations/${id}/cancel`, {
    method: 'POST',
    headers: { authorization: `Bearer ${keyOf(0)}`, connection: 'close' },
  })
  await response.arrayBuffer()
  if (response.status !== 200) throw new Error(`a cancel was answered with ${response.status}`)
}
