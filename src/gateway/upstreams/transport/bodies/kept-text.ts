/**
 * The part of each string in a response that is kept: ids, signed URLs and messages are far shorter, media in base64
 * far longer.
 */
export const longestString = 16 * 1024

export interface KeptText {
  /** Returns false once there is no room for more. */
  push(chunk: Uint8Array): boolean
  text(): string
}

/**
 * Shortens a JSON text of any length as it arrives: only the first 16 KiB of each string are kept, so that the fields
 * around media in base64 can still be read. `maxBytes`: the maximum length of the result; text that is not JSON is cut
 * there.
 */
export function createKeptText(maxBytes: number): KeptText {
  const kept: Uint8Array[] = []
  let bytes = 0
  let inString = false
  let length = 0
  /** Remaining bytes of an escape, which must not be split. */
  let escaped = 0

  function copyTo(end: number, start: number, chunk: Uint8Array): void {
    if (end === start) return
    kept.push(chunk.slice(start, Math.min(end, start + maxBytes - bytes)))
    bytes += end - start
  }

  return {
    push(chunk) {
      let start = 0
      let isDropping = inString && length > longestString
      for (let at = 0; at < chunk.length; at += 1) {
        const byte = chunk[at] ?? 0
        if (!inString) {
          if (byte === quote) [inString, length, escaped] = [true, 0, 0]
          continue
        }
        const isFree = escaped === 0
        if (isFree && byte === quote) {
          inString = false
          if (isDropping) start = at
          isDropping = false
          continue
        }
        if (!isFree) escaped = byte === letterU && escaped === 1 ? 4 : escaped - 1
        else if (byte === backslash) escaped = 1
        // Cuts between characters: not inside an escape, and not before a continuation byte of UTF-8.
        if (isDropping || length < longestString || !isFree || (byte & 0xc0) === 0x80) length += 1
        else {
          copyTo(at, start, chunk)
          length = longestString + 1
          isDropping = true
        }
        if (isDropping) start = at + 1
      }
      copyTo(chunk.length, Math.min(start, chunk.length), chunk)
      return bytes <= maxBytes
    },
    text: () =>
      Buffer.concat(kept)
        .toString('utf8')
        .replace(/^\uFEFF/, ''),
  }
}

const quote = 0x22
const backslash = 0x5c
const letterU = 0x75
