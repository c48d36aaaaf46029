import type { FastifyReply } from 'fastify'
import type { Client } from '../../domain/accounts/client.ts'
import { Problem } from '../../domain/problem.ts'
import type { IsValid } from '../../services/operations/operations.ts'

/** The calls that stay open: long polls and event streams. */
export interface Lifetimes {
  /**
   * A signal that aborts when the caller is gone, the answer is out, the server closes, or the caller's key is no longer
   * valid; then its reason is the problem to answer with where nothing was answered yet.
   */
  follow(reply: FastifyReply, client: Client): AbortSignal
  /** Ends all of them, and every later one at once. */
  end(): void
}

/** The longest time that a request may outlive its key. */
const checkEveryMs = 500

export function createLifetimes(isValid: IsValid): Lifetimes {
  const open = new Map<AbortController, Client>()
  let timer: NodeJS.Timeout | null = null
  let ended = false

  /** Each key once, however many calls it has open. */
  function check(): void {
    const valid = new Map<string, boolean>()
    for (const [controller, client] of open) {
      const isOpen = valid.get(client.keyId) ?? isValid(client)
      valid.set(client.keyId, isOpen)
      if (isOpen) continue
      controller.abort(new Problem('unauthorized', 'This key was revoked or has expired. Use another key.'))
    }
  }

  function leave(controller: AbortController): void {
    open.delete(controller)
    if (open.size > 0 || timer === null) return
    clearInterval(timer)
    timer = null
  }

  return {
    follow(reply, client) {
      const controller = new AbortController()
      if (ended || reply.raw.destroyed) {
        controller.abort()
        return controller.signal
      }
      open.set(controller, client)
      timer ??= setInterval(check, checkEveryMs).unref()
      // It comes once: what `once` makes for that is kept as long as the call.
      reply.raw.on('close', () => {
        leave(controller)
        controller.abort()
      })
      return controller.signal
    },
    end() {
      ended = true
      for (const controller of open.keys()) controller.abort()
    },
  }
}
