import type { ByteRange } from '../../ports/media/media-archive.ts'

/** `whole`: answer 200 with everything. */
export type RangeAnswer = { type: 'whole' } | { type: 'part'; range: ByteRange } | { type: 'unsatisfiable' }

const WHOLE: RangeAnswer = { type: 'whole' }

/**
 * What a `Range` header asks of a file of `size` bytes (RFC 9110 §14). A header that is not one valid byte range is
 * ignored, which the RFC asks for with syntax errors and other units, and allows with several ranges.
 */
export function readRange(header: string | undefined, size: number): RangeAnswer {
  const match = /^bytes *= *(\d*) *- *(\d*) *$/i.exec(header ?? '')
  if (match === null) return WHOLE
  const [, first = '', last = ''] = match
  if (first === '') {
    if (last === '') return WHOLE
    const length = Math.min(Number(last), size)
    return length === 0
      ? { type: 'unsatisfiable' }
      : { type: 'part', range: { start: size - length, end: size - 1 } }
  }
  const start = Number(first)
  const end = last === '' ? size - 1 : Math.min(Number(last), size - 1)
  if (last !== '' && Number(last) < start) return WHOLE
  return start >= size ? { type: 'unsatisfiable' } : { type: 'part', range: { start, end } }
}

/** Whether an `If-None-Match` names this entity tag; compared weakly, as the RFC asks for (§13.1.2). */
export function matchesEtag(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false
  if (header.trim() === '*') return true
  return header.split(',').some((one) => one.trim().replace(/^W\//, '') === etag)
}
