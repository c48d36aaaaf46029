/** Of one life, after it has warmed up: what it held first and last after a full collection, and its highest RSS. */
export interface Growth {
  firstMb: number
  lastMb: number
  mostRssMb: number
}

/** What is held goes up and down by some ten MB with what is in hand at the moment. */
const growthLimit = { moreMb: 32 }
/** V8 collects late where there is room: with 24 GB of memory it keeps some 300 MB that nothing holds. */
const rssLimitMb = 768
/** Code is compiled and caches are filled. */
export const warmUpMs = 40_000

/** What is wrong with it, in words. */
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
