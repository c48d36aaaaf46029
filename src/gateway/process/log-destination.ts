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
/** Lines wait this long for others: a write of its own takes ten times as long as making the line. A kill loses them. */
const gatherMs = 10

/**
 * Writes lines to a file descriptor without ever waiting for it: what cannot be written now waits, up to `maxBytes`, and is
 * tried again; more is dropped and counted. At the end of the process it is tried once more and no longer. Not sonic-boom:
 * its last flush tries a full disk for ever.
 */
export function createLogDestination(fd: number, maxBytes = defaultBytes): LogDestination {
  const lines: string[] = []
  /** What is left of a chunk that was written in part, or not at all. */
  let rest: Buffer | null = null
  let bytes = 0
  let dropped = 0
  let busy = false
  let isAnnounced = false
  let tell: ((lines: number) => void) | null = null

  function send(): void {
    if (busy || bytes === 0) return
    busy = true
    const chunk = rest ?? takeChunk(lines)
    rest = null
    write(fd, chunk, (error, written) => {
      if (error === null) {
        bytes -= written
        rest = written < chunk.length ? chunk.subarray(written) : null
        go()
        return
      }
      rest = chunk
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
      const count = dropped
      dropped = 0
      tell(count)
    }
    if (bytes >= chunkBytes || rest !== null) send()
    else announce()
  }

  function announce(): void {
    if (isAnnounced || bytes === 0) return
    isAnnounced = true
    setTimeout(() => {
      isAnnounced = false
      send()
    }, gatherMs).unref()
  }

  process.once('exit', () => {
    try {
      let last = Buffer.concat([rest ?? Buffer.alloc(0), Buffer.from(lines.join(''))])
      while (last.length > 0) last = last.subarray(writeSync(fd, last))
    } catch {
      // There is no other place to report it, and no time to wait.
    }
  })
  return {
    write(line) {
      const length = Buffer.byteLength(line)
      if (bytes + length > maxBytes) {
        dropped++
        return
      }
      bytes += length
      lines.push(line)
      announce()
    },
    onDropped(listener) {
      tell = listener
    },
  }
}

/** As many of the first lines as make a chunk, at least one. */
function takeChunk(lines: string[]): Buffer {
  let size = 0
  let count = 0
  for (const line of lines) {
    if (count > 0 && size + line.length > chunkBytes) break
    size += line.length
    count++
  }
  return Buffer.from(lines.splice(0, count).join(''))
}
