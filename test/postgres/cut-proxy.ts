import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { Socket } from 'node:net'

export interface CutProxy {
  url: string
  /** Ends the connections that are open, or those of them that `picks` says. */
  cut(picks?: () => boolean): void
  /** Where connections go from now on; those that are open stay where they are. */
  aim(target: string): void
  /** Everything that is sent from now on arrives this much later, in both directions. */
  slow(ms: number): void
  /**
   * The connection of the next commit ends: `after` the server has answered it, `waiting` once the server was sent it, or
   * `before` that. Resolves when it has.
   */
  loseCommit(when: 'before' | 'waiting' | 'after'): Promise<void>
  /** Takes no new connections, or takes them again. */
  refuse(refuses: boolean): void
  /** From now on nothing that is sent arrives, and nobody is told, as when a network drops packets. */
  drop(drops: boolean): void
  close(): Promise<void>
}

/** A server on this machine has read what it was sent. */
const sentMs = 100

/** Stands between a node and its PostgreSQL server. */
export async function startCutProxy(target: string): Promise<CutProxy> {
  let to = new URL(target)
  const sockets = new Set<Socket>()
  let refuses = false
  let drops = false
  let delayMs = 0
  let loss: { when: 'before' | 'waiting' | 'after'; done: () => void } | null = null
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
    const send = [forwarder(socket), forwarder(outward)] as const
    let lost: typeof loss = null
    const lose = (): void => {
      socket.destroy()
      lost?.done()
    }
    socket.on('data', (data) => {
      if (loss !== null && data.includes('commit\0')) [lost, loss] = [loss, null]
      if (lost?.when === 'before') return lose()
      if (!drops) send[1](data, delayMs)
      if (lost?.when === 'waiting') setTimeout(lose, sentMs)
    })
    outward.on('data', (data) => {
      if (lost?.when === 'after') return lose()
      if (!drops) send[0](data, delayMs)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const url = new URL(target)
  url.port = String(address.port)
  const cut = (picks = () => true): void => {
    for (const socket of sockets) if (picks()) socket.destroy()
  }
  return {
    url: url.href,
    cut,
    aim(target) {
      to = new URL(target)
    },
    slow(ms) {
      delayMs = ms
    },
    loseCommit(when) {
      const { promise, resolve } = Promise.withResolvers<void>()
      loss = { when, done: resolve }
      return promise
    },
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

/** Writes later, and never out of order when the delay becomes shorter. */
function forwarder(socket: Socket): (data: Buffer, delayMs: number) => void {
  let last = 0
  return (data, delayMs) => {
    const now = performance.now()
    last = Math.max(last, now + delayMs)
    if (last <= now) socket.write(data)
    else setTimeout(() => socket.write(data), last - now)
  }
}
