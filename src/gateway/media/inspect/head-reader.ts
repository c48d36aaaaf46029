import type { FileHandle } from 'node:fs/promises'

export const cutOff = 'The video is truncated: the file ends before its data does.'
export const broken = 'The video cannot be read: its structure is broken.'
/** Twice the index of a day of video at 60 frames a second. Only media data is larger. */
export const maxIndexBytes = 64 * 1024 * 1024

const aheadBytes = 64 * 1024

/** The `headBytes` bytes at a position, or fewer at the end. Reads ahead, because thousands of small parts are adjacent. */
export function createHeadReader(
  handle: FileHandle,
  headBytes: number,
): (position: number) => Promise<Buffer> {
  const ahead = Buffer.alloc(aheadBytes)
  let [start, end] = [0, 0]
  return async (position) => {
    if (position < start || position + headBytes > end) {
      const { bytesRead } = await handle.read(ahead, 0, aheadBytes, position)
      start = position
      end = position + bytesRead
    }
    return ahead.subarray(position - start, Math.min(position + headBytes, end) - start)
  }
}
