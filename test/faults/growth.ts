import type { Footprint } from './gateway.ts'

/** A footprint at a time, in ms since the epoch. */
export interface Look extends Footprint {
  at: number
}

/** The median RSS of the first minute of one life, after it has warmed up, and of its last minute. */
export interface Growth {
  firstMb: number
  lastMb: number
  seconds: number
}

/** RSS goes up and down by some ten MB with what is in hand at the moment. */
export const growthLimit = { times: 1.15, moreMb: 24 }

/** Code is compiled and caches are filled. */
const warmUpMs = 30_000
const minuteMs = 60_000
const leastMs = warmUpMs + 2 * minuteMs

/** Of the last life; null when that was too short for two minutes of its own after it had warmed up. */
export function growthOf(looks: readonly Look[]): Growth | null {
  const last = looks.at(-1)
  const life = looks.filter(({ pid }) => pid === last?.pid)
  const [first] = life
  if (first === undefined || last === undefined || last.at - first.at < leastMs) return null
  const from = first.at + warmUpMs
  return {
    firstMb: medianOf(life.filter(({ at }) => at >= from && at < from + minuteMs)),
    lastMb: medianOf(life.filter(({ at }) => at > last.at - minuteMs)),
    seconds: (last.at - first.at) / 1000,
  }
}

function medianOf(looks: readonly Look[]): number {
  const sorted = looks.map(({ rssMb }) => rssMb).toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}
