/**
 * `start,end` in seconds, as resellers want to be told which part of a clip shows the character (reverse-dialects.md §1.2):
 * from its start, as much as they take. `seconds`: the clip's length, where it is known.
 */
export function timestampsOf(seconds: number | undefined, longest: number): string {
  const end = Math.min(longest, seconds === undefined ? longest : Math.floor(seconds * 10) / 10)
  return `0,${end}`
}
