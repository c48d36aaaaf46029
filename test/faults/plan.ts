import { createRandom } from '../chaos/random.ts'
import type { Random } from '../chaos/random.ts'

/** The actions on the gateway from outside, one after another. */
export type Act =
  | { kind: 'restart' }
  /** SIGTERM while the log cannot be written either. */
  | { kind: 'restart with a full log disk' }
  | { kind: 'reload'; config: 'valid' | 'invalid' }
  | { kind: 'full data disk'; forMs: number }
  | { kind: 'full log disk'; forMs: number }
  /** Moves the wall clock by this much, until the next step. */
  | { kind: 'clock'; aheadMs: number }

/** What a proxy does to new connections while this lasts; `afterBytes` of the response. */
export type Weather =
  | { kind: 'fair' }
  | { kind: 'refuse' }
  | { kind: 'reset'; afterBytes: number }
  | { kind: 'truncate'; afterBytes: number }
  | { kind: 'stall'; afterBytes: number }
  | { kind: 'deaf' }
  | { kind: 'slow'; bytesPerSecond: number }

export interface Plan {
  acts: Array<{ atMs: number; act: Act }>
  weather: Array<{ atMs: number; upstream: string; weather: Weather }>
}

/** Long enough for a gateway to start and to work between two actions. */
const actGapMs = { least: 1500, most: 7000 }
const weatherGapMs = { least: 100, most: 1500 }
const calmMs = 3000
/** A long run ends with one process of this lifetime, whose memory must not grow. */
export const lastLife = { ms: 180_000, ofAtLeastMs: 300_000 }

/** All actions for this many minutes, derived from the seed alone. */
export function planOf(seed: number, minutes: number, upstreams: readonly string[]): Plan {
  const endMs = minutes * 60_000
  return {
    acts: spread(createRandom(seed, 'acts'), { ...actGapMs, fromMs: calmMs, endMs }, (random) => ({
      act: nextAct(random),
    })).map(({ atMs, act }) => ({ atMs, act: isLastLife(atMs, endMs) ? withoutRestart(act) : act })),
    weather: spread(createRandom(seed, 'weather'), { ...weatherGapMs, fromMs: 0, endMs }, (random) => ({
      upstream: random.pick(upstreams),
      weather: nextWeather(random),
    })),
  }
}

function isLastLife(atMs: number, endMs: number): boolean {
  return endMs >= lastLife.ofAtLeastMs && atMs > endMs - lastLife.ms
}

function withoutRestart(act: Act): Act {
  const restarts = act.kind === 'restart' || act.kind === 'restart with a full log disk'
  return restarts ? { kind: 'reload', config: 'valid' } : act
}

function spread<T extends object>(
  random: Random,
  { least, most, fromMs, endMs }: { least: number; most: number; fromMs: number; endMs: number },
  next: (random: Random) => T,
): Array<{ atMs: number } & T> {
  const found: Array<{ atMs: number } & T> = []
  for (let atMs = fromMs; atMs < endMs; atMs += random.int(least, most)) found.push({ atMs, ...next(random) })
  return found
}

/** Clock steps are short compared with real ones, like all waits here: docs/CHAOS.md. */
function nextAct(random: Random): Act {
  const forMs = random.int(300, 4000)
  const aheadMs = random.int(-4000, 4000)
  return random.weighted<Act>([
    [3, { kind: 'restart' }],
    [1, { kind: 'restart with a full log disk' }],
    [2, { kind: 'reload', config: 'valid' }],
    [2, { kind: 'reload', config: 'invalid' }],
    [2, { kind: 'full data disk', forMs }],
    [2, { kind: 'full log disk', forMs }],
    [3, { kind: 'clock', aheadMs }],
  ])
}

function nextWeather(random: Random): Weather {
  // Response headers are a few hundred bytes, videos some ten thousand, so every phase is hit.
  const afterBytes = random.pick([0, random.int(1, 400), random.int(400, 40_000)])
  const bytesPerSecond = random.int(200, 20_000)
  return random.weighted<Weather>([
    [6, { kind: 'fair' }],
    [1, { kind: 'refuse' }],
    [2, { kind: 'reset', afterBytes }],
    [2, { kind: 'truncate', afterBytes }],
    [2, { kind: 'stall', afterBytes }],
    [1, { kind: 'deaf' }],
    [2, { kind: 'slow', bytesPerSecond }],
  ])
}
