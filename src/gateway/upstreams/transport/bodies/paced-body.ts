import type { Readable } from 'node:stream'
import { SlowTransfer } from '../../../ports/media/remote-media.ts'

/** The minimum transfer rate of a file, averaged over a window. Only time spent waiting for data counts. */
export interface LeastRate {
  bytesPerSecond: number
  windowMs: number
}

export interface Pace {
  /** The time limit in milliseconds for the first read. */
  idleMs: number
  /** Absent: no minimum. */
  leastRate?: LeastRate | undefined
}

/**
 * A body that fails with `SlowTransfer` when data arrives too slowly: a byte now and then would otherwise keep every
 * idle timeout from firing. Time in which the reader is busy does not count. A body that is never read is closed,
 * because undici stops its own timer while it waits for a reader. Returning the iterator closes it too, even before the
 * first read.
 */
export function pacedBody(body: Readable, { idleMs, leastRate }: Pace): AsyncIterable<Uint8Array> {
  // Without this listener, an abort or reset before the first read would be an uncaught exception.
  body.on('error', () => undefined)
  const unread = setTimeout(() => body.destroy(), idleMs)
  body.once('close', () => clearTimeout(unread))
  return {
    [Symbol.asyncIterator]() {
      clearTimeout(unread)
      return iterate(body, leastRate)
    },
  }
}

function iterate(body: Readable, leastRate: LeastRate | undefined): AsyncIterator<Uint8Array> {
  const chunks: AsyncIterator<Uint8Array> = body[Symbol.asyncIterator]()
  const isSlow = leastRate === undefined ? () => false : createRateWatch(leastRate)
  return {
    async next() {
      const began = performance.now()
      const step = await chunks.next()
      if (step.done === true || !isSlow(step.value.byteLength, performance.now() - began)) return step
      body.destroy()
      throw new SlowTransfer('The file transfer was too slow.')
    },
    // The stream's own iterator would close nothing before its first read.
    return() {
      body.destroy()
      return Promise.resolve({ done: true, value: undefined })
    },
  }
}

function createRateWatch({
  bytesPerSecond,
  windowMs,
}: LeastRate): (bytes: number, waitedMs: number) => boolean {
  let bytes = 0
  let waitedMs = 0
  return (more, longer) => {
    bytes += more
    waitedMs += longer
    if (waitedMs < windowMs) return false
    const isSlow = bytes < (bytesPerSecond * waitedMs) / 1000
    bytes = 0
    waitedMs = 0
    return isSlow
  }
}
