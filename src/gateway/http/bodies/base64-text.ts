import { Problem } from '../../domain/problem.ts'
import type { StoredMedia } from '../../services/media/media-intake.ts'

/** Base64 as text that arrives in pieces. */
export interface Base64Text {
  /** The bytes of what has come so far and was not given yet. Throws `not_media` for text that is no base64. */
  decode(text: string): Buffer
  /** The rest; padding may be left out. */
  end(): Buffer
}

/** What is written before the text of a data URL in base64 (RFC 2397). */
export const dataUrlHead = /^data:[^,]{0,200};base64,$/
export const longestHead = 220

/** `pointer` names the member for the problem. */
export function createBase64Text(pointer: string): Base64Text {
  /** What is no whole group of four yet, or ends with padding. */
  let left = ''

  function bytesOf(text: string): Buffer {
    // Node skips what is not base64. At 0.7 GB/s this costs less than the decoding.
    if (/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return Buffer.from(text, 'base64')
    throw notBase64(pointer)
  }

  return {
    decode(text) {
      const all = left + text
      const padding = all.indexOf('=')
      const known = padding === -1 ? all.length : padding
      const cut = known - (known % 4)
      left = all.slice(cut)
      // Nothing follows padding.
      if (left.length > 4) throw notBase64(pointer)
      return bytesOf(all.slice(0, cut))
    },
    end() {
      if (left.length % 4 === 1 || (left.includes('=') && left.length % 4 !== 0)) throw notBase64(pointer)
      return bytesOf(left)
    },
  }
}

/** What stands in a data URL in the place of a file that is in the archive: the same for the same file. */
export function digestOf({ info }: StoredMedia): string {
  return Buffer.from(info.sha256, 'hex').toString('base64')
}

function notBase64(pointer: string): Problem {
  const detail = 'is not valid base64: use only A-Z, a-z, 0-9, + and / after the comma'
  return new Problem('not_media', `The data URL ${detail}.`, { faults: [{ pointer, detail }] })
}
