import type { OpenFile } from './open-file.ts'

export const cutOff = 'The video is truncated: the file ends before its data does.'
export const broken = 'The video cannot be read: its structure is broken.'
/** Twice the index of a day of video at 60 frames a second. Only media data is larger. */
export const maxIndexBytes = 64 * 1024 * 1024

const aheadBytes = 64 * 1024

/** The `headBytes` bytes at a position, or fewer at the end. Reads ahead, because thousands of small parts are adjacent. */
export function createHeadReader(file: OpenFile, headBytes: number): (position: number) => Buffer {
  const ahead = Buffer.alloc(aheadBytes)
  let [start, end] = [0, 0]
  return (position) => {
    if (position < start || position + headBytes > end) {
      start = position
      end = position + file.read(ahead, position)
    }
    return ahead.subarray(position - start, Math.min(position + headBytes, end) - start)
  }
}
