/** Those that would wait longer share the turns of the others, so that a limit that was raised is noticed. */
const longestMs = 60_000

/**
 * When the next of those that a rate refuses is to ask again. One call is free at `retryAt`, and one more after each `intervalMs`:
 * whoever asks gets the instant after that of the one before, `last` (0 at first), so that not all ask again for the same call.
 * Instants are ms since the epoch.
 */
export function nextTurn(last: number, retryAt: number, intervalMs: number): number {
  const next = Math.ceil(Math.max(retryAt, last + intervalMs))
  return next > retryAt + longestMs ? retryAt : next
}
