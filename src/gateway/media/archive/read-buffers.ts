/** Powers of two, in bytes. */
interface BufferBounds {
  /** Of all buffers together, as long as `smallest` for each reader is not more than that. */
  most: number
  /** Of one: with larger ones fewer turns between the disk and the socket are needed for the same bytes. */
  largest: number
  /** Which every reader has, whatever others hold. */
  smallest: number
}

const defaultBufferBounds: BufferBounds = {
  most: 64 * 1024 * 1024,
  largest: 512 * 1024,
  smallest: 16 * 1024,
}

/** Of readers that have ended, for those that come, in bytes. */
const mostSpare = 8 * 1024 * 1024

/** What one reader reads into. */
export interface ReadBuffer {
  /** For the next read. What it gave before must not be in use any more: it may be the same, or belong to another reader. */
  next(): Buffer
  /** Counts no more. */
  leave(): void
  /** The same; and the last one is not in use, so that another reader may have it. */
  giveBack(): void
}

interface ReadBuffers {
  join(): ReadBuffer
  /** Bytes of all readers that have not left. */
  held(): number
}

/**
 * The size of the next buffer of a reader: an equal part of `most` for each of `readers`, as far as `others` leave it. Readers
 * who are slow keep what they had when they were few, until they have sent it.
 */
export function bufferSize(
  { most, largest, smallest }: BufferBounds,
  { readers, others }: { readers: number; others: number },
): number {
  const wanted = Math.min(most / readers, most - others)
  let size = largest
  while (size > smallest && size > wanted) size /= 2
  return size
}

/**
 * Buffers of all downloads: large while there are few, small while there are many, so that memory does not grow with them.
 * Never more than `most` and `smallest` for each.
 */
export function createReadBuffers(bounds: BufferBounds = defaultBufferBounds): ReadBuffers {
  const spare = new Map<number, Buffer[]>()
  let spareBytes = 0
  let readers = 0
  let held = 0

  function bufferOf(size: number): Buffer {
    const found = spare.get(size)?.pop()
    if (found === undefined) return Buffer.allocUnsafeSlow(size)
    spareBytes -= size
    return found
  }

  function keep(buffer: Buffer): void {
    if (spareBytes + buffer.length > mostSpare) return
    spareBytes += buffer.length
    const others = spare.get(buffer.length)
    if (others === undefined) spare.set(buffer.length, [buffer])
    else others.push(buffer)
  }

  return {
    held: () => held,
    join() {
      readers++
      let own: Buffer | null = null
      let counted = 0
      let hasLeft = false

      function leave(): void {
        if (hasLeft) return
        hasLeft = true
        readers--
        held -= counted
      }

      return {
        next() {
          const size = bufferSize(bounds, { readers, others: held - counted })
          if (own?.length === size) return own
          if (own !== null) keep(own)
          own = bufferOf(size)
          held += size - counted
          counted = size
          return own
        },
        leave,
        giveBack() {
          leave()
          if (own !== null) keep(own)
          own = null
        },
      }
    },
  }
}
