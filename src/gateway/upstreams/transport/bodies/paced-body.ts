import type { Readable } from 'node:stream'
import { SlowTransfer } from '../../../ports/media/remote-media.ts'

/** How fast a file has to come, over so many milliseconds of waiting for it. */
export interface LeastRate {
  bytesPerSecond: number
  windowMs: number
}

export interface Pace {
  /** Milliseconds: nobody has begun to read within. */
  idleMs: number
  /** Absent: as slowly as it likes. */
  leastRate?: LeastRate | undefined
}

/**
 * A body that ends with `SlowTransfer` when it drips: a byte now and then keeps every deadline for silence from passing. Time in
 * which the reader is busy does not count. A body that nobody begins to read is closed, for undici stops its own clock while it
 * waits for a reader; returning the iterator closes it too, also before the first read.
 */
export function pacedBody(body: Readable, { idleMs, leastRate }: Pace): AsyncIterable<Uint8Array> {
  // Between here and the first read an abort or a reset would otherwise be an uncaught exception.
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
    // Not left to the stream's own iterator, which closes nothing before its first read.
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
