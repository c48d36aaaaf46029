import { write, writeSync } from 'node:fs'
import type { DestinationStream } from 'pino'

export interface LogDestination extends DestinationStream {
  /** Calls back with how many lines were dropped, once lines are written again. */
  onDropped(tell: (lines: number) => void): void
}

/** What waits for a full disk or a reader that stopped; more is dropped. */
const defaultBytes = 1024 * 1024
const chunkBytes = 64 * 1024
const retryMs = { busy: 50, failed: 1000 }

/**
 * Writes lines to a file descriptor without ever waiting for it: what cannot be written now waits, up to `maxBytes`, and is
 * tried again; more is dropped and counted. At the end of the process it is tried once more and no longer. Not sonic-boom:
 * its last flush tries a full disk for ever.
 */
export function createLogDestination(fd: number, maxBytes = defaultBytes): LogDestination {
  const waiting: Buffer[] = []
  let bytes = 0
  let dropped = 0
  let busy = false
  /** Lines of one turn of the event loop are written together. */
  let isAnnounced = false
  let tell: ((lines: number) => void) | null = null

  function send(): void {
    if (busy || waiting.length === 0) return
    busy = true
    const chunk = takeChunk(waiting)
    write(fd, chunk, (error, written) => {
      if (error === null) {
        bytes -= written
        if (written < chunk.length) waiting.unshift(chunk.subarray(written))
        go()
        return
      }
      waiting.unshift(chunk)
      const after = error.code === 'EAGAIN' ? retryMs.busy : retryMs.failed
      setTimeout(() => {
        busy = false
        send()
      }, after).unref()
    })
  }

  function go(): void {
    busy = false
    if (tell !== null && dropped > 0 && bytes < maxBytes / 2) {
      const lines = dropped
      dropped = 0
      tell(lines)
    }
    send()
  }

  process.once('exit', () => {
    try {
      for (let rest = Buffer.concat(waiting); rest.length > 0;) rest = rest.subarray(writeSync(fd, rest))
    } catch {
      // There is no other place to report it, and no time to wait.
    }
  })
  return {
    write(text) {
      const line = Buffer.from(text)
      if (bytes + line.length > maxBytes) {
        dropped++
        return
      }
      bytes += line.length
      waiting.push(line)
      if (isAnnounced) return
      isAnnounced = true
      setImmediate(() => {
        isAnnounced = false
        send()
      })
    },
    onDropped(listener) {
      tell = listener
    },
  }
}

/** As many of the first lines as make a chunk, at least one. */
function takeChunk(waiting: Buffer[]): Buffer {
  let size = 0
  let count = 0
  for (const line of waiting) {
    if (count > 0 && size + line.length > chunkBytes) break
    size += line.length
    count++
  }
  return Buffer.concat(waiting.splice(0, count))
}
