import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import type { Source } from 'mediabunny'

/**
 * A file whose reads wait for the disk. For child processes alone, which have one file at a time and nobody else to serve:
 * handing each of the dozens of small reads of an inspection to another thread takes five times as long as the inspection.
 */
export interface OpenFile extends Disposable {
  readonly size: number
  /** Into `buffer`, from `position` on; how many bytes there were. */
  read(buffer: Uint8Array, position: number): number
}

export function openFile(path: string): OpenFile {
  const file = openSync(path, 'r')
  const close = (): void => closeSync(file)
  try {
    const { size } = fstatSync(file)
    const read = (buffer: Uint8Array, position: number): number =>
      readSync(file, buffer, 0, buffer.byteLength, position)
    return { size, read, [Symbol.dispose]: close }
  } catch (error) {
    close()
    throw error
  }
}

/** What mediabunny reads a file through; the file is open until the input of it is disposed of. */
export async function sourceOf(path: string): Promise<Source> {
  const { CustomSource } = await import('mediabunny')
  const file = openFile(path)
  return new CustomSource({
    getSize: () => file.size,
    read(start, end) {
      const bytes = Buffer.alloc(end - start)
      return bytes.subarray(0, file.read(bytes, start))
    },
    dispose: () => file[Symbol.dispose](),
  })
}
