import { z } from 'zod'
import { isAddress } from './addresses.ts'

/**
 * Text, or an integer that JSON represents exactly. No prefix, alphabet or length is assumed
 * (docs/vendors/openai-videos.md#who-speaks-it); but percent-encoded it must be a single path segment, even for a
 * server that decodes a slash in it.
 */
export const wireId = z
  .union([z.string(), z.int()])
  .transform(String)
  .refine((id) => id.isWellFormed() && /^[^\p{Cc}]{1,2048}$/u.test(id) && !id.split('/').some(isOddSegment))
  .optional()
  .catch(undefined)

function isOddSegment(segment: string): boolean {
  return /^\s*\.{0,2}\s*$/.test(segment)
}

/** A URL, which may be relative to the host of the upstream. */
export const wireUrl = z.string().refine(isAddress).optional().catch(undefined)

/** A word or name. Anything else counts as absent: an unexpected optional field must not cost a running job. */
export const wireText = z.string().min(1).max(512).optional().catch(undefined)

/**
 * Converts Unix seconds, milliseconds (some resellers, docs/vendors/resellers.md#odd-hosts) or a date string to
 * milliseconds.
 */
export function instantOf(value: unknown): number | null {
  const time =
    typeof value === 'string' && !/^\d+$/.test(value) ? Date.parse(value) / 1000 : Number(value ?? 0)
  if (!Number.isFinite(time) || time <= 0) return null
  return time < 100_000_000_000 ? time * 1000 : time
}

/** An amount of money or usage that is not negative. Larger numbers are identifiers or times. */
export function asAmount(value: unknown): number | undefined {
  const amount = typeof value === 'string' && /^\d+(\.\d+)?$/.test(value) ? Number(value) : value
  return typeof amount === 'number' && Number.isFinite(amount) && amount >= 0 && amount < 1e16
    ? amount
    : undefined
}

/** A whole number that is not negative. */
export function asCount(value: unknown): number | undefined {
  const count = typeof value === 'string' && value !== '' ? Number(value) : value
  return typeof count === 'number' && Number.isInteger(count) && count >= 0 ? count : undefined
}
