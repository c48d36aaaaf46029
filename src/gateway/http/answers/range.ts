import fresh from 'fresh'
import { parse } from 'range-parser'
import type { ByteRange } from '../../ports/media/media-archive.ts'

/** `whole`: answer 200 with everything. */
export type RangeAnswer = { type: 'whole' } | { type: 'part'; range: ByteRange } | { type: 'unsatisfiable' }

const WHOLE: RangeAnswer = { type: 'whole' }

/** The bit of range-parser's `code` for a range that cannot be read. */
const MALFORMED = 1

/**
 * What a `Range` header asks of a file of `size` bytes (RFC 9110 §14). A header that is not one valid byte range is
 * ignored, which the RFC asks for with syntax errors and other units, and allows with several ranges.
 */
export function readRange(header: string | undefined, size: number): RangeAnswer {
  // Some players send spaces beside `=` and `-`, which the parser does not accept.
  const { code, type, ranges } = parse(size, (header ?? '').replace(/ ?([=-]) ?/g, '$1'))
  if (type !== 'bytes' || (code & MALFORMED) !== 0) return WHOLE
  const [range, ...others] = ranges
  if (range === undefined) return { type: 'unsatisfiable' }
  return others.length > 0 ? WHOLE : { type: 'part', range: { start: range.start, end: range.end } }
}

/** Whether an `If-None-Match` names this entity tag; compared weakly, as the RFC asks for (§13.1.2). */
export function matchesEtag(header: string | undefined, etag: string): boolean {
  return fresh({ 'if-none-match': header }, { etag })
}
