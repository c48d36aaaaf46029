import type { Writable } from 'node:stream'

/** Proxies close a connection on which nothing is said. */
export interface Heartbeats {
  /** Writes a comment to the stream of events from time to time, until it is closed. */
  keep(stream: Writable): void
}

/** Every chunk of a stream is a whole frame, so a comment between two chunks cannot split one. */
const comment = Buffer.from(': \n\n')
/** So that the streams that opened together are not all written to in one turn. */
const mostParts = 150
const leastMs = 100

/**
 * A comment every `everyMs` for each stream, from one timer for all of them. Streams take turns, an equal part of them each time.
 * Left out for a stream whose reader is slow: frames wait for it already.
 */
export function createHeartbeats(everyMs: number): Heartbeats {
  const count = Math.min(mostParts, Math.max(1, Math.floor(everyMs / leastMs)))
  const parts = Array.from({ length: count }, () => new Set<Writable>())
  let timer: NodeJS.Timeout | null = null
  let turn = 0
  let streams = 0

  function beat(): void {
    turn = (turn + 1) % count
    for (const stream of parts[turn] ?? [])
      if (!stream.writableNeedDrain && !stream.writableEnded && !stream.destroyed) stream.write(comment)
  }

  function leave(part: Set<Writable>, stream: Writable): void {
    if (!part.delete(stream)) return
    streams--
    if (streams > 0 || timer === null) return
    clearInterval(timer)
    timer = null
  }

  return {
    keep(stream) {
      const part = parts[turn]
      if (part === undefined || stream.destroyed) return
      part.add(stream)
      streams++
      timer ??= setInterval(beat, everyMs / count).unref()
      stream.on('close', () => leave(part, stream))
    },
  }
}
