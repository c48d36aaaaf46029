import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { Lifetimes } from './edge/lifetimes.ts'

export interface CutTimes {
  /** How long closing waits for callers who read slowly. */
  cutMs: number
  /** And for one who takes nothing of what waits for him. */
  unreadMs: number
}

/** How much a caller had taken when it was last more than before. */
interface Unread {
  taken: number
  since: number
}

const watchesPerPause = 6

/** Whether nothing was taken for so long of what waits to be sent. What is not written yet is no fault of the caller's. */
function isStuck(socket: Socket, unread: Map<Socket, Unread>, unreadMs: number): boolean {
  const taken = socket.bytesWritten - socket.writableLength
  const now = performance.now()
  const last = unread.get(socket)
  if (socket.writableLength > 0 && last?.taken === taken) return now - last.since >= unreadMs
  unread.set(socket, { taken, since: now })
  return false
}

/**
 * Lets `app.close()` take as long as the calls under way and no longer. Node closes only connections that are idle at
 * that moment: not those that never sent a request (browsers and pools open some ahead), and not those that become idle
 * once their answer is out, which would hold the process for the whole keep-alive time. What a caller has not read `cutMs`
 * later is cut: one who stops reading would hold the process for ever. Where nothing of an answer is taken for `unreadMs`,
 * that is known so early; whoever reads on, and whatever is still being answered, has until `cutMs`.
 */
export function closePromptly(
  app: FastifyInstance,
  lifetimes: Lifetimes,
  { cutMs, unreadMs }: CutTimes,
): void {
  const open = new Set<Socket>()
  const silent = new Set<Socket>()
  const unread = new Map<Socket, Unread>()
  let deadline: NodeJS.Timeout | undefined
  let watch: NodeJS.Timeout | undefined
  app.server.on('connection', (socket) => {
    open.add(socket)
    silent.add(socket)
    socket.on('close', () => {
      open.delete(socket)
      silent.delete(socket)
      unread.delete(socket)
    })
  })
  app.server.on('request', ({ socket }) => silent.delete(socket))
  app.addHook('preClose', (done) => {
    lifetimes.end()
    for (const socket of silent) socket.destroy()
    app.server.keepAliveTimeout = 1
    app.server.keepAliveTimeoutBuffer = 0
    watch = setInterval(() => {
      const stuck = [...open].filter((socket) => isStuck(socket, unread, unreadMs))
      if (stuck.length > 0)
        app.log.warn({ connections: stuck.length }, 'closed connections whose clients stopped reading')
      for (const socket of stuck) socket.destroy()
    }, unreadMs / watchesPerPause)
    deadline = setTimeout(() => {
      if (open.size > 0)
        app.log.warn({ connections: open.size }, 'closed open connections to shut down in time')
      for (const socket of open) socket.destroy()
    }, cutMs)
    done()
  })
  app.addHook('onClose', (_app, done) => {
    clearTimeout(deadline)
    clearInterval(watch)
    done()
  })
}
