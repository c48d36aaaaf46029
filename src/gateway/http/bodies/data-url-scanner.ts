import { dataUrlHead, longestHead } from './base64-text.ts'

const quote = 0x22
const backslash = 0x5c
const colon = 0x3a
const comma = 0x2c
const blanks = new Set([0x20, 0x09, 0x0a, 0x0d])

/**
 * Follows JSON text as it arrives and says where the base64 of a data URL begins that is the value of a member. It knows
 * strings and escapes, and nothing else of JSON.
 *
 * A streaming parser of JSON was tried in its place, for one string of 21 MB: `stream-json` took 70-200 ms and 82,000 objects,
 * `@streamparser/json` 40-180 ms and holds the whole string in memory. Only what is not base64 comes by here, 1 MiB at most;
 * in base64 the end is looked for by `indexOf`, which takes 3 ms for the same string.
 */
export function createDataUrlScanner(): (chunk: Buffer) => number {
  let isInside = false
  let isEscaped = false
  /** The last sign before a string: only behind a colon it is a value of a member. */
  let before = 0
  /** How the string begins; null once it is known to be no data URL. */
  let head: string | null = null

  function enterString(): void {
    isInside = true
    head = before === colon ? '' : null
  }

  /** Whether this byte ends the head of a data URL. */
  function endsHead(byte: number): boolean {
    if (head === null) return false
    head += String.fromCharCode(byte)
    const isDone = byte === comma && dataUrlHead.test(head)
    if (isDone || byte === comma || head.length > longestHead || !isDataUrl(head)) head = null
    return isDone
  }

  function isHeadEnd(byte: number): boolean {
    if (!isInside) {
      if (byte === quote) enterString()
      else if (!blanks.has(byte)) before = byte
      return false
    }
    if (isEscaped) isEscaped = false
    else if (byte === backslash) isEscaped = true
    else if (byte === quote) {
      isInside = false
      before = quote
      return false
    }
    return endsHead(byte)
  }

  /** The offset behind the comma of the next data URL; -1 where none begins in this piece. */
  return (chunk) => {
    for (let at = 0; at < chunk.length; at++) {
      if (isHeadEnd(chunk[at] ?? 0)) return at + 1
    }
    return -1
  }
}

function isDataUrl(head: string): boolean {
  return 'data:'.startsWith(head.slice(0, 5))
}
