import { z } from 'zod'
import { isAddress } from './addresses.ts'

/**
 * Text, or an integer that JSON can carry exactly; no prefix, alphabet or length is assumed
 * (docs/vendors/openai-videos.md#who-speaks-it), only that, percent-encoded, it can be one segment of a path, also for a
 * server that decodes a slash in it.
 */
export function wireId() {
  return z
    .union([z.string(), z.int()])
    .transform(String)
    .refine((id) => id.isWellFormed() && /^[^\p{Cc}]{1,2048}$/u.test(id) && !id.split('/').some(isOddSegment))
    .optional()
    .catch(undefined)
}

function isOddSegment(segment: string): boolean {
  return /^\s*\.{0,2}\s*$/.test(segment)
}

/** An address, which may be relative to the host of the upstream. */
export function wireUrl() {
  return z.string().refine(isAddress).optional().catch(undefined)
}

/** A word or a name; absent also when it is something else: an odd optional field must not cost a running job. */
export function wireText() {
  return z.string().min(1).max(512).optional().catch(undefined)
}

/**
 * Unix seconds, the milliseconds some resellers send (docs/vendors/resellers.md#odd-hosts), or a date in text, as
 * milliseconds.
 */
export function instantOf(value: unknown): number | null {
  const time =
    typeof value === 'string' && !/^\d+$/.test(value) ? Date.parse(value) / 1000 : Number(value ?? 0)
  if (!Number.isFinite(time) || time <= 0) return null
  return time < 100_000_000_000 ? time * 1000 : time
}
