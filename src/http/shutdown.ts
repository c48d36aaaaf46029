import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { Lifetimes } from './lifetimes.ts'

/**
 * Lets `app.close()` take as long as the calls under way and no longer. Node closes only connections that are idle at
 * that moment: not those that never sent a request (browsers and pools open some ahead), and not those that become idle
 * once their answer is out, which would hold the process for the whole keep-alive time.
 */
export function closePromptly(app: FastifyInstance, lifetimes: Lifetimes): void {
  const silent = new Set<Socket>()
  app.server.on('connection', (socket) => {
    silent.add(socket)
    socket.once('close', () => silent.delete(socket))
  })
  app.server.on('request', ({ socket }) => silent.delete(socket))
  app.addHook('preClose', (done) => {
    lifetimes.end()
    for (const socket of silent) socket.destroy()
    app.server.keepAliveTimeout = 1
    app.server.keepAliveTimeoutBuffer = 0
    done()
  })
}
