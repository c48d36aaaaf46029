/** For one process, after its warm-up: memory in use after the first and last full collection, and the highest RSS. */
export interface Growth {
  firstMb: number
  lastMb: number
  mostRssMb: number
}

/** Memory in use varies by about ten MB with the current work. */
const growthLimit = { moreMb: 32 }
/** V8 collects late if there is room: on a machine with 24 GB, it keeps about 300 MB of garbage. */
const rssLimitMb = 768
/** Time for compiling code and filling caches. */
export const warmUpMs = 40_000

/** Describes violations of the limits. */
export function growthFaults(growth: Growth | null): string[] {
  if (growth === null) return []
  const { firstMb, lastMb, mostRssMb } = growth
  return [
    ...(lastMb > firstMb + growthLimit.moreMb ? ['memory grew while one process was under load'] : []),
    ...(mostRssMb > rssLimitMb ? [`RSS was ${mostRssMb.toFixed(0)} MB`] : []),
  ]
}

export function growthWords(growth: Growth | null): string {
  if (growth === null) return 'the run is too short to say'
  const [first, last, most] = [growth.firstMb, growth.lastMb, growth.mostRssMb].map((mb) => mb.toFixed(0))
  return `holds ${first} → ${last} MB after a full collection; RSS at most ${most} MB`
}
