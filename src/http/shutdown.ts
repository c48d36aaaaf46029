import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { Lifetimes } from './lifetimes.ts'

/**
 * Lets `app.close()` take as long as the calls under way and no longer. Node closes only connections that are idle at
 * that moment: not those that never sent a request (browsers and pools open some ahead), and not those that become idle
 * once their answer is out, which would hold the process for the whole keep-alive time. What a caller has not read `cutMs`
 * later is cut: one who stops reading would hold the process for ever.
 */
export function closePromptly(app: FastifyInstance, lifetimes: Lifetimes, cutMs: number): void {
  const open = new Set<Socket>()
  const silent = new Set<Socket>()
  let deadline: NodeJS.Timeout | undefined
  app.server.on('connection', (socket) => {
    open.add(socket)
    silent.add(socket)
    socket.once('close', () => {
      open.delete(socket)
      silent.delete(socket)
    })
  })
  app.server.on('request', ({ socket }) => silent.delete(socket))
  app.addHook('preClose', (done) => {
    lifetimes.end()
    for (const socket of silent) socket.destroy()
    app.server.keepAliveTimeout = 1
    app.server.keepAliveTimeoutBuffer = 0
    deadline = setTimeout(() => {
      if (open.size > 0) app.log.warn({ connections: open.size }, 'connections were cut to stop in time')
      for (const socket of open) socket.destroy()
    }, cutMs)
    done()
  })
  app.addHook('onClose', (_app, done) => {
    clearTimeout(deadline)
    done()
  })
}
