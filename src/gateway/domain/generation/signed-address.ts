/**
 * Half of a day: what is shown of a generation is the same for so long, byte for byte, and its addresses are valid for at
 * least as long after it was served.
 */
const windowMs = 12 * 3600_000

/** When addresses that are shown at `now` end, in ms since the epoch: between 12 and 24 hours later. */
export function addressEnd(now: number): number {
  return (Math.floor(now / windowMs) + 2) * windowMs
}
