import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { Socket } from 'node:net'

export interface CutProxy {
  url: string
  /** Ends the connections that are open. */
  cut(): void
  /** Takes no new connections, or takes them again. */
  refuse(refuses: boolean): void
  /** From now on nothing that is sent arrives, and nobody is told, as when a network drops packets. */
  drop(drops: boolean): void
  close(): Promise<void>
}

/** Stands between a node and its PostgreSQL server. */
export async function startCutProxy(target: string): Promise<CutProxy> {
  const to = new URL(target)
  const sockets = new Set<Socket>()
  let refuses = false
  let drops = false
  const server = createServer((socket) => {
    if (refuses) return void socket.destroy()
    const outward = connect(Number(to.port), to.hostname)
    for (const each of [socket, outward]) {
      sockets.add(each)
      each.on('error', () => undefined)
      each.on('close', () => {
        sockets.delete(each)
        socket.destroy()
        outward.destroy()
      })
    }
    socket.on('data', (data) => void (drops || outward.write(data)))
    outward.on('data', (data) => void (drops || socket.write(data)))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const url = new URL(target)
  url.port = String(address.port)
  const cut = (): void => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    url: url.href,
    cut,
    refuse(now) {
      refuses = now
    },
    drop(now) {
      drops = now
    },
    async close() {
      server.close()
      cut()
      await once(server, 'close')
    },
  }
}
