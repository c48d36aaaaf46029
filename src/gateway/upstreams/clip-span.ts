import type { ClipSpan } from '../domain/routing/upstream.ts'

/**
 * `start,end` in seconds: the part of a clip that shows the character, in the format of resellers
 * (docs/vendors/resellers.md#characters-at-once).
 */
export function timestampsOf({ start, end }: ClipSpan): string {
  return `${rounded(start)},${rounded(end)}`
}

/** Rounded down to a tenth, so that the span never ends after its clip. */
function rounded(seconds: number): number {
  return Math.floor(seconds * 10) / 10
}
