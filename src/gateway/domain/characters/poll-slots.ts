/** The maximum number of characters polled concurrently: at one upstream, and at all of them together. */
const slotsOfUpstream = 16
const slots = 64

/**
 * Whether one more character may be polled at an upstream, given the running polls of each. When all slots are taken,
 * every upstream still has one of its own, so that others which do not respond cannot block it.
 */
export function hasPollSlot(underWay: ReadonlyMap<string, number>, upstream: string): boolean {
  const own = underWay.get(upstream) ?? 0
  if (own === 0) return true
  let all = 0
  for (const count of underWay.values()) all += count
  return own < slotsOfUpstream && all < slots
}
