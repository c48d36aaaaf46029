/** Fewer jobs than this say nothing yet. */
const fewest = 20
/** The shortest and longest interval, as a part of the configured one. */
const shortest = 0.5
const longest = 4

/** How long jobs of one kind took, as far as it is known. Made by `learnPolls`. */
export interface LearnedPolls {
  /** In ms, from the create to the end, in ascending order. */
  sorted: readonly number[]
  everyMs: number
  /** How far ahead the rate of ends is looked up, in ms. */
  windowMs: number
  /** Multiplies intervals so that a video is found as late on average as with the configured interval. */
  scale: number
}

/**
 * When to poll jobs, from how long earlier ones took: null where too few are known. To find `n` videos with the fewest polls at
 * the same mean delay, the interval is proportional to `1 / sqrt(h)`, where `h` is the rate at which jobs that still run end:
 * with interval `d`, a job costs `1 / d` polls for each second that it runs, and its end is found `d / 2` late.
 */
export function learnPolls(times: readonly number[], everyMs: number): LearnedPolls | null {
  if (times.length < fewest) return null
  const sorted = times.toSorted((a, b) => a - b)
  const spread = quantile(sorted, 0.95) - quantile(sorted, 0.05)
  const windowMs = Math.max(2 * everyMs, spread / 8)
  let scale = 1
  // Twice, because the limits of the intervals shift the mean.
  for (let round = 0; round < 2; round++) {
    const learned = { sorted, everyMs, windowMs, scale }
    const mean = sorted.reduce((sum, time) => sum + boundedIntervalMs(learned, time), 0) / sorted.length
    scale *= everyMs / mean
  }
  return { sorted, everyMs, windowMs, scale }
}

/** How long after the create to poll for the first time, in ms: shortly before the fastest of the jobs ended. */
export function firstPollAfterMs(learned: LearnedPolls): number {
  const { sorted, everyMs } = learned
  return Math.max(everyMs * shortest, (sorted[0] ?? 0) - everyMs / 2)
}

/** When to poll a job again that is still running `sinceMs` after its create, in ms from then. */
export function pollIntervalMs(learned: LearnedPolls, sinceMs: number): number {
  const { sorted, everyMs } = learned
  const first = firstPollAfterMs(learned)
  if (sinceMs < first) return first - sinceMs
  // Nothing is known of jobs that take longer than any before.
  if (sinceMs >= (sorted.at(-1) ?? 0)) return everyMs
  return Math.round(boundedIntervalMs(learned, sinceMs))
}

function boundedIntervalMs(learned: LearnedPolls, at: number): number {
  const { everyMs, scale } = learned
  const interval = (scale * everyMs) / relativeRate(learned, at)
  return Math.min(everyMs * longest, Math.max(everyMs * shortest, interval))
}

/** The square root of the rate of ends from `at` on, in ends per interval and running job. */
function relativeRate({ sorted, everyMs, windowMs }: LearnedPolls, at: number): number {
  const running = sorted.length - countBelow(sorted, at)
  const ending = countBelow(sorted, at + windowMs) - countBelow(sorted, at)
  // Half a job more: where none ended, one may.
  return Math.sqrt(((ending + 0.5) / (running + 1)) * (everyMs / windowMs))
}

function countBelow(sorted: readonly number[], value: number): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sorted[middle] ?? Infinity) < value) low = middle + 1
    else high = middle
  }
  return low
}

function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0
}
