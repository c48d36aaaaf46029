import type { ClipSpan } from '../domain/routing/upstream.ts'

/**
 * `start,end` in seconds, as resellers want to be told which part of a clip shows the character
 * (docs/vendors/resellers.md#characters-at-once).
 */
export function timestampsOf({ start, end }: ClipSpan): string {
  return `${rounded(start)},${rounded(end)}`
}

/** Down to a tenth, so that the span never ends after its clip. */
function rounded(seconds: number): number {
  return Math.floor(seconds * 10) / 10
}
