/* oxlint-disable no-underscore-dangle -- the names of Node's own hooks for writing */
import type { Socket } from 'node:net'
import { codeOf } from './send-error.ts'

/** From a write that failed to the end of what has arrived already: it is in this machine's own buffers. */
const readOnMs = 1000

const broken: ReadonlySet<string> = new Set(['EPIPE', 'ECONNRESET', 'ECONNABORTED'])

type WriteCallback = (error?: Error | null) => void

/**
 * A server that answers before it has read a request, and hangs up, breaks the write side of the connection while its whole
 * answer may be there to be read. Node destroys a socket at the first write that fails, and what was not read yet is gone: a
 * 401 to an upload becomes an unknown outcome. Here such a failure waits for the read side to end, for a second at most.
 */
export function readAfterBrokenWrite(socket: Socket): void {
  const write = socket._write.bind(socket)
  const writev = socket._writev?.bind(socket)
  const late = (callback: WriteCallback): WriteCallback => {
    return (error) => {
      if (error === null || error === undefined || !broken.has(codeOf(error))) return callback(error)
      const timer = setTimeout(end, readOnMs)
      socket.once('end', end).once('close', end)
      function end(): void {
        clearTimeout(timer)
        socket.off('end', end).off('close', end)
        // What `end` set off comes first: it may complete an answer that has no length.
        setImmediate(callback, error)
      }
    }
  }
  socket._write = (chunk, encoding, callback) => write(chunk, encoding, late(callback))
  if (writev !== undefined) socket._writev = (chunks, callback) => writev(chunks, late(callback))
}
