import type { Readable } from 'node:stream'
import { ZipFile } from 'yazl'
import { readableOf } from './readable-of.ts'

export interface ZipEntry {
  name: string
  bytes: number
  modifiedAt: Date
  /** Called when it is this entry's turn to be sent. */
  read: () => AsyncIterable<Uint8Array>
}

/** The size in bytes that the archive of these entries will have; opens none of them. */
export function zipBytes(entries: readonly ZipEntry[]): number {
  const zip = new ZipFile()
  let bytes = -1
  // Never given a stream: what is written of it is a few bytes that nobody takes.
  for (const entry of entries) zip.addReadStreamLazy(entry.name, optionsOf(entry), () => undefined)
  zip.end((total) => {
    bytes = total
  })
  if (bytes < 0) throw new Error('The size of the archive is not known.')
  return bytes
}

/**
 * A ZIP archive of files that are not compressed again, opened one after the other, no faster than it is read. Above 4 GB it
 * is ZIP64. It fails where an entry cannot be read or has not as many bytes as it said, and closes what is open when it is
 * destroyed.
 */
export function zipStream(entries: readonly ZipEntry[]): Readable {
  const zip = new ZipFile()
  const { outputStream: output } = zip
  let open: Readable | undefined
  const fail = (error: Error): void => {
    output.destroy(error)
  }
  zip.on('error', fail)
  output.once('close', () => open?.destroy())
  for (const entry of entries) {
    zip.addReadStreamLazy(entry.name, optionsOf(entry), (done) => {
      // Gone already: nobody would read it.
      if (output.destroyed) return
      open = readableOf(entry.read())
      open.on('error', fail)
      done(null, open)
    })
  }
  zip.end(() => undefined)
  return output
}

function optionsOf({ bytes, modifiedAt }: ZipEntry) {
  return { size: bytes, mtime: modifiedAt, compress: false }
}
