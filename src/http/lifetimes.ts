import type { FastifyReply } from 'fastify'

/** The calls that stay open: long polls and event streams. */
export interface Lifetimes {
  /** A signal that aborts when the caller is gone, the answer is out, or the server closes. */
  follow(reply: FastifyReply): AbortSignal
  /** Ends all of them, and every later one at once. */
  end(): void
}

export function createLifetimes(): Lifetimes {
  const open = new Set<AbortController>()
  let ended = false
  return {
    follow(reply) {
      const controller = new AbortController()
      if (ended || reply.raw.destroyed) {
        controller.abort()
        return controller.signal
      }
      open.add(controller)
      reply.raw.once('close', () => {
        open.delete(controller)
        controller.abort()
      })
      return controller.signal
    },
    end() {
      ended = true
      for (const controller of open) controller.abort()
    },
  }
}
