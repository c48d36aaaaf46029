import {
  firstPollAfterMs,
  learnPolls,
  pollIntervalMs,
} from '../../src/gateway/domain/scheduling/learned-polls.ts'
import type { LearnedPolls } from '../../src/gateway/domain/scheduling/learned-polls.ts'

const second = 1000
/** What is compared with: a first poll after 10 seconds, then one every 5. */
export const everyMs = 5 * second
const firstAfterMs = 10 * second

/** Random numbers from 0 to 1, the same ones for each seed. */
export function createDraw(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

const normal = (draw: () => number): number =>
  Math.sqrt(-2 * Math.log(draw() + 1e-12)) * Math.cos(2 * Math.PI * draw())

/** How long jobs of one upstream take. */
export interface Durations {
  name: string
  tookMs: (draw: () => number) => number
}

/** Identical jobs of one reseller took 83 to 253 seconds. */
export const seenAtAReseller: Durations = {
  name: 'spread evenly from 83 to 253 s',
  tookMs: (draw) => (83 + draw() * 170) * second,
}

export const otherDurations = {
  closeTogether: {
    name: 'close together at 2 minutes',
    tookMs: (draw) => (120 + 15 * normal(draw)) * second,
  },
  longTail: { name: 'with a long tail', tookMs: (draw) => 150 * second * Math.exp(0.34 * normal(draw)) },
  twoQueues: {
    name: 'of two queues, 30 s and 4 minutes',
    tookMs: (draw) => (draw() < 0.3 ? 30 + 4 * normal(draw) : 240 + 20 * normal(draw)) * second,
  },
} satisfies Record<string, Durations>

interface Cost {
  polls: number
  lateMs: number
}

interface Pace {
  first: number
  next: (at: number) => number
}

function askFor(tookMs: number, { first, next }: Pace): Cost {
  let at = first
  let polls = 1
  for (; at < tookMs; polls++) at += next(at)
  return { polls, lateMs: at - tookMs }
}

const fixed = (interval: number): Pace => ({ first: firstAfterMs, next: () => interval })
const asLearned = (learned: LearnedPolls): Pace => ({
  first: firstPollAfterMs(learned),
  next: (at) => pollIntervalMs(learned, at),
})

/** Throws where they are too few to learn from. */
export function learn(times: readonly number[]): LearnedPolls {
  const learned = learnPolls(times, everyMs)
  if (learned === null) throw new Error(`${times.length} durations are too few`)
  return learned
}

function mean(costs: readonly Cost[], of: keyof Cost): number {
  return costs.reduce((sum, cost) => sum + cost[of], 0) / costs.length
}

export interface Compared {
  /** Polls of each job, of those that a fixed interval of 5 seconds takes. */
  polls: number
  /** How late the end of a job is seen, of the same. */
  late: number
  /** Polls of each job, of those that the fixed interval takes that sees the end as late. */
  pollsAtEqualDelay: number
}

/** Learns from 128 jobs, and asks for 2,000 others: all in memory, with no time passing. */
export function compare({ tookMs }: Durations, draw: () => number): Compared {
  const learned = learn(Array.from({ length: 128 }, () => tookMs(draw)))
  const jobs = Array.from({ length: 2000 }, () => tookMs(draw))
  const ask = (pace: Pace): Cost[] => jobs.map((took) => askFor(took, pace))
  const before = ask(fixed(everyMs))
  const after = ask(asLearned(learned))
  const late = mean(after, 'lateMs') / mean(before, 'lateMs')
  // Jobs end at any time between two polls, so the delay grows with the interval.
  const asLate = ask(fixed(everyMs * late))
  return {
    polls: mean(after, 'polls') / mean(before, 'polls'),
    late,
    pollsAtEqualDelay: mean(after, 'polls') / mean(asLate, 'polls'),
  }
}
