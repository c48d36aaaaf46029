/** Characters asked about at the same time: at one upstream, and at all of them together. */
const placesOfUpstream = 16
const places = 64

/**
 * Whether one more character may be asked about at an upstream, given how many are under way at each. Beyond the places of all
 * an upstream still has one of its own: however many others hang, it is asked.
 */
export function hasPlace(underWay: ReadonlyMap<string, number>, upstream: string): boolean {
  const own = underWay.get(upstream) ?? 0
  if (own === 0) return true
  let all = 0
  for (const count of underWay.values()) all += count
  return own < placesOfUpstream && all < places
}
