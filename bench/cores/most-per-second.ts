/**
 * How many answers `cores` could give per second if nothing else ran: the CPU time of each (µs) has to fit on them, and what
 * one thread does on one.
 */
export function mostPerSecond(
  cores: number,
  { inAll, onOneThread }: { inAll: number; onOneThread: number },
): number {
  return 1e6 / Math.max(inAll / cores, onOneThread)
}
