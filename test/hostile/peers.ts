import { once } from 'node:events'
import { createServer } from 'node:net'
import type { Server, Socket } from 'node:net'
import type { Test } from 'tap'

/** A server that must not be reached: counts connections and bytes. */
export interface Bait {
  port: number
  connections: number
  bytes: number
}

/** Listens on both loopback addresses at one port and never responds. */
export async function aBait(t: Test): Promise<Bait> {
  const bait: Bait = { port: 0, connections: 0, bytes: 0 }
  const count = (socket: Socket): void => {
    bait.connections++
    socket.on('data', (chunk) => (bait.bytes += chunk.length)).on('error', () => undefined)
  }
  bait.port = await listen(t, createServer(count), '127.0.0.1', 0)
  // A machine without IPv6 needs no second listener.
  await listen(t, createServer(count), '::1', bait.port).catch(() => undefined)
  return bait
}

export type Respond = (path: string, socket: Socket, head: string) => void

/** A host that counts as public. It speaks raw HTTP, one request per connection. */
export async function aHost(t: Test, respond: Respond): Promise<{ port: number; heads: string[] }> {
  const heads: string[] = []
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', (data) => {
      const head = data.toString()
      heads.push(head)
      respond(head.split(' ')[1] ?? '', socket, head)
    })
  })
  return { port: await listen(t, server, '127.0.0.1', 0), heads }
}

async function listen(t: Test, server: Server, host: string, port: number): Promise<number> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  server.listen(port, host)
  await once(server, 'listening')
  t.teardown(async () => {
    for (const socket of sockets) socket.destroy()
    server.close()
    await once(server, 'close')
  })
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('The server has no port.')
  return address.port
}

/** Sends as long as the client reads. */
export function pour(socket: Socket, piece = Buffer.alloc(65_536)): void {
  const fill = (): void => {
    while (!socket.destroyed && socket.write(piece));
  }
  socket.on('drain', fill)
  fill()
}

/** Sends a little at a time while the connection is open. */
export function drip(socket: Socket, piece: string, everyMs = 20): void {
  const timer = setInterval(() => socket.write(piece), everyMs)
  socket.once('close', () => clearInterval(timer))
}
