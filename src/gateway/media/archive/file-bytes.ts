import { close, open, read } from 'node:fs'
import { Readable } from 'node:stream'
import type { ByteRange } from '../../ports/media/media-archive.ts'
import { createReadBuffers } from './read-buffers.ts'
import type { ReadBuffer } from './read-buffers.ts'

/** Bytes per read for a reader that keeps what comes. */
const readBytes = 128 * 1024

/** Of all downloads of this process. */
const readBuffers = createReadBuffers()

type Read = (error: Error | null, bytes: number) => void

/**
 * The bytes of a file, or a range of them. What is piped into an HTTP answer goes through one buffer, which is read into again
 * once the kernel has its bytes: a buffer for each read would be memory that is mapped, cleared and collected for each. All
 * downloads share the memory for that.
 */
export class FileBytes extends Readable {
  readonly #path: string
  #at: number
  /** The first byte that is not read. */
  readonly #end: number
  #file: number | null = null
  #isReading = false
  #whenRead: (() => void) | null = null
  #whenOpen: (() => void) | null = null
  readonly #buffers: typeof readBuffers
  #buffer: ReadBuffer | null = null

  constructor(path: string, range: ByteRange | null, buffers = readBuffers) {
    super({ highWaterMark: readBytes })
    this.#path = path
    this.#buffers = buffers
    this.#at = range?.start ?? 0
    this.#end = range === null ? Infinity : range.end + 1
  }

  override _construct(done: (error?: Error | null) => void): void {
    open(this.#path, 'r', (error, file) => {
      if (error === null) this.#file = file
      done(error)
      if (error === null && !this.destroyed) this.#whenOpen?.()
    })
  }

  override _read(): void {
    const buffer = Buffer.allocUnsafeSlow(readBytes)
    this.#fill(buffer, (error, bytes) => {
      if (error !== null) this.destroy(error)
      else this.push(bytes === 0 ? null : buffer.subarray(0, bytes))
    })
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#buffer?.leave()
    const end = (): void => {
      const file = this.#file
      // A write that is called back after the end reads no more: another file may have the number by then.
      this.#file = null
      if (file === null) done(error)
      else close(file, (fault) => done(error ?? fault))
    }
    // The kernel gives the number of a closed file to the next one that is opened: a read must not meet that.
    if (this.#isReading) this.#whenRead = end
    else end()
  }

  override pipe<Destination extends NodeJS.WritableStream>(
    destination: Destination,
    options?: { end?: boolean },
  ): Destination {
    // Only an answer of a server has it. Other streams may keep what they are given.
    if (!('writeHead' in destination)) return super.pipe(destination, options)
    const begin = (): void => this.#sendTo(destination)
    if (this.#file === null) this.#whenOpen = begin
    else begin()
    return destination
  }

  /** Nobody but the socket holds the bytes of an answer, and it has let go of them when it calls back. */
  #sendTo(answer: NodeJS.WritableStream): void {
    const own = this.#buffers.join()
    this.#buffer = own
    const next = (): void => {
      const buffer = own.next()
      this.#fill(buffer, (error, bytes) => {
        if (error !== null) this.destroy(error)
        else if (this.destroyed) own.giveBack()
        else if (bytes > 0) answer.write(buffer.subarray(0, bytes), goOn)
        else {
          own.giveBack()
          answer.end()
          this.push(null)
          this.resume()
        }
      })
    }
    const goOn = (error?: Error | null): void => {
      // The end of the answer is told by the answer.
      if (this.destroyed || (error !== null && error !== undefined)) own.giveBack()
      else next()
    }
    next()
  }

  /** Calls back with 0 at the end. */
  #fill(buffer: Buffer, done: Read): void {
    const wanted = Math.min(buffer.length, this.#end - this.#at)
    if (wanted <= 0 || this.#file === null) {
      done(null, 0)
      return
    }
    this.#isReading = true
    read(this.#file, buffer, 0, wanted, this.#at, (error, bytes) => {
      this.#isReading = false
      this.#at += bytes
      const ended = this.#whenRead
      if (ended === null) done(error, bytes)
      else ended()
    })
  }
}
