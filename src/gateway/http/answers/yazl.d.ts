/** The package's own types leave out what `end` calls back with. */
declare module 'yazl' {
  import type { PassThrough, Readable } from 'node:stream'

  export interface EntryOptions {
    mtime: Date
    compress: boolean
    /** Bytes; a stream with more or fewer of them is an error. */
    size: number
  }

  export class ZipFile {
    readonly outputStream: PassThrough
    on(event: 'error', listener: (error: Error) => void): this
    /** Asks for the stream when it is this entry's turn. */
    addReadStreamLazy(
      name: string,
      options: EntryOptions,
      open: (done: (error: Error | null, stream: Readable) => void) => void,
    ): void
    /** The size of the whole, or -1 where it cannot be known; at once where all entries have one. */
    end(onSize: (bytes: number) => void): void
  }
}
