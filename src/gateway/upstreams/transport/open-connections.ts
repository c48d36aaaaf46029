import type { Socket } from 'node:net'
import { errors } from 'undici'
import type { buildConnector } from 'undici'

export interface OpenConnections {
  connect: buildConnector.connector
  /** Whether a connection to this origin is open now. A request to it may then go out on one that was used before. */
  isOpen: (origin: string) => boolean
}

/** Makes connections with `connect`, and counts those that are open. */
export function openConnections(connect: buildConnector.connector): OpenConnections {
  const open = new Map<string, number>()

  function note(origin: string, change: 1 | -1): void {
    const count = (open.get(origin) ?? 0) + change
    if (count === 0) open.delete(origin)
    else open.set(origin, count)
  }

  return {
    connect(options, callback) {
      const origin = `${options.protocol}//${options.host}`
      connect(options, (...result) => {
        if (result[0] === null) {
          const [, socket] = result
          endWithoutStack(socket)
          note(origin, 1)
          socket.once('close', () => note(origin, -1))
        }
        callback(...result)
      })
    },
    isOpen: (origin) => open.has(origin),
  }
}

/**
 * undici ends each connection with an error of its own, also one that has done what it was for, and Node writes out the stack
 * of every error that a socket is destroyed with. That was 5 % of the CPU time of a create. Only codes and messages are used.
 */
function endWithoutStack(socket: Socket): void {
  const destroy = socket.destroy.bind(socket)
  socket.destroy = (error) => {
    if (error instanceof errors.UndiciError) error.stack = error.message
    return destroy(error)
  }
}
