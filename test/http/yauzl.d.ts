/** What the tests use of it: a reader of ZIP archives. */
declare module 'yauzl' {
  export interface Entry {
    fileName: string
    uncompressedSize: number
    compressionMethod: number
    generalPurposeBitFlag: number
    getLastModDate(): Date
  }

  export interface ZipFile {
    on(event: 'entry', listener: (entry: Entry) => void): this
    once(event: 'end', listener: () => void): this
    once(event: 'error', listener: (error: Error) => void): this
  }

  export function fromBuffer(
    bytes: Buffer,
    options: { lazyEntries: boolean; autoClose: boolean },
    done: (error: Error | null, zip: ZipFile) => void,
  ): void
}
