import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { Socket } from 'node:net'
import type { Weather } from './plan.ts'

/** A TCP proxy with faults. toxiproxy could do this, but it is a Go program that would have to be built or downloaded. */
export interface Proxy {
  origin: string
  /** Applies to new connections. Open ones continue unchanged, except that `fair` clears their faults. */
  turn(weather: Weather): void
  /** The number of connections with a fault, by kind. */
  spoilt: Map<string, number>
  /** No more faults; closes every connection that has one. */
  clear(): void
  close(): Promise<void>
}

const pieceMs = 50

export async function startProxy(target: URL): Promise<Proxy> {
  let now: Weather = { kind: 'fair' }
  const open = new Map<Socket, Weather>()
  const spoilt = new Map<string, number>()
  const note = ({ kind }: Weather): void => void spoilt.set(kind, (spoilt.get(kind) ?? 0) + 1)

  const server = createServer((client) => {
    const weather = now
    client.on('error', () => undefined)
    if (weather.kind !== 'fair') note(weather)
    if (weather.kind === 'refuse') return void client.resetAndDestroy()
    const vendor = connect(Number(target.port), target.hostname)
    vendor.on('error', () => client.resetAndDestroy())
    open.set(client, weather)
    client.once('close', () => {
      open.delete(client)
      vendor.destroy()
    })
    // Behind a `deaf` proxy, the vendor receives nothing; the caller's connection stays open.
    if (weather.kind !== 'deaf') client.pipe(vendor)
    relay(vendor, client, weather)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('The proxy has no port.')
  return {
    origin: `http://127.0.0.1:${address.port}`,
    turn: (weather) => void (now = weather),
    spoilt,
    clear() {
      now = { kind: 'fair' }
      for (const [client, { kind }] of open) if (kind !== 'fair') client.resetAndDestroy()
    },
    async close() {
      for (const client of open.keys()) client.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

/** Forwards the vendor's bytes to the caller, with the fault. */
function relay(vendor: Socket, client: Socket, weather: Weather): void {
  let isCut = false
  vendor.once('end', () => {
    if (!isCut) client.end()
  })
  if (weather.kind === 'fair' || weather.kind === 'deaf' || weather.kind === 'refuse')
    return void vendor.pipe(client)
  if (weather.kind === 'slow') return drip(vendor, client, weather.bytesPerSecond)
  let left = weather.afterBytes
  vendor.on('data', (piece) => {
    if (isCut) return
    if (piece.length <= left) {
      left -= piece.length
      if (!client.write(piece)) {
        vendor.pause()
        client.once('drain', () => vendor.resume())
      }
      return
    }
    const rest = piece.subarray(0, left)
    isCut = true
    vendor.pause()
    client.write(rest, () => {
      if (weather.kind === 'reset') client.resetAndDestroy()
      else if (weather.kind === 'truncate') client.end()
    })
  })
}

function drip(vendor: Socket, client: Socket, bytesPerSecond: number): void {
  const most = Math.max(1, Math.round((bytesPerSecond * pieceMs) / 1000))
  const timer = setInterval(() => {
    const piece: unknown = vendor.read(most) ?? vendor.read()
    if (Buffer.isBuffer(piece)) client.write(piece)
  }, pieceMs)
  client.once('close', () => clearInterval(timer))
  // Without a listener the stream is paused and `end` is never emitted.
  vendor.on('readable', () => undefined)
}
