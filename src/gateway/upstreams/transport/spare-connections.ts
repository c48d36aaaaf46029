import type { Socket } from 'node:net'
import type { buildConnector } from 'undici'
import { codeOf } from './send-error.ts'

/** Below two seconds, the shortest limit of usual servers for a connection that says nothing; most have five or more. */
const idleMs = 1500
/** A create that follows another one within this time lets spares be made. For one alone they would only be closed again. */
const soonMs = 1000
const mostSpares = 4

export interface SpareConnections {
  connect: buildConnector.connector
  close: () => void
}

interface Spare {
  /** False from its end to the event that tells of it. */
  isOpen: () => boolean
  take: () => Socket
  drop: () => void
}

/**
 * While creates leave, opens connections ahead of them, which spares each a name lookup and a round trip. They are connections
 * without TLS, to upstreams with TLS. The handshake begins when a create takes one, and shows that the other end is there
 * before a byte of the create is written: so a create is lost as rarely as on a new connection, and a spare that was closed
 * unseen only leads to a new one. With TLS ahead too, or without TLS, nothing would show it, and each server that closes silent
 * connections would leave creates with an unknown outcome (docs/BENCHMARKS.md#sending).
 */
export function spareConnections(connect: buildConnector.connector): SpareConnections {
  const spares = new Set<Spare>()
  let dialling = 0
  let lately: number[] = []
  let isClosed = false

  function keep(socket: Socket): void {
    const take = (): Socket => {
      clearTimeout(timer)
      spares.delete(spare)
      socket.off('readable', drop).off('close', drop)
      return socket.ref()
    }
    const drop = (): void => void take().destroy()
    const spare = { isOpen: () => !socket.destroyed, take, drop }
    const timer = setTimeout(drop, idleMs).unref()
    // It is readable if the other end speaks first or closes it. Neither is fit for a create.
    socket
      .on('readable', drop)
      .on('close', drop)
      .on('error', () => undefined)
      .unref()
    spares.add(spare)
    if (isClosed) drop()
  }

  function refill({ hostname, host = hostname, port }: buildConnector.Options): void {
    if (isClosed) return
    const plain = { hostname, host, port: port === '' ? '443' : port, protocol: 'http:' }
    const wanted = Math.min(mostSpares, lately.length - 1)
    while (spares.size + dialling < wanted) {
      dialling += 1
      connect(plain, (...result) => {
        dialling -= 1
        if (result[0] === null) keep(result[1])
      })
    }
  }

  return {
    connect(options, callback) {
      if (options.protocol !== 'https:') return connect(options, callback)
      const now = performance.now()
      lately = [...lately.slice(-mostSpares).filter((at) => now - at < soonMs), now]
      const spare = [...spares].find((each) => each.isOpen())
      const end: buildConnector.Callback = (...result) => {
        callback(...result)
        // Only where a connection was just made: an upstream that is away is not dialled for spares.
        if (result[0] === null) refill(options)
      }
      if (spare === undefined) return connect(options, end)
      connect({ ...options, httpSocket: spare.take() }, (...result) => {
        // Nothing was written. A new one shows whether it was the spare or is the upstream; only time is not spent twice.
        const [error] = result
        if (error !== null && codeOf(error) !== 'UND_ERR_CONNECT_TIMEOUT') connect(options, end)
        else end(...result)
      })
    },
    close() {
      isClosed = true
      for (const spare of spares) spare.drop()
    },
  }
}
