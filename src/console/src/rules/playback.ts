/** How far a player may be from the common clock, in seconds, before it is moved: less than an eye sees side by side. */
export const toleranceSeconds = 0.08
/** Until the rate of frames is known. */
export const usualFrameSeconds = 1 / 24
/** How long a player that loads may hold the others. */
export const longestHoldMs = 10_000

/** Smaller differences are left: browsers say the time of the frame, not of the moment. */
const ignoredSeconds = 0.012
const fastestChange = 0.12

/** A player as it stands. Times in seconds. */
export interface PlayerNow {
  time: number
  /** Null until it is known. */
  length: number | null
  /** Has what comes next. */
  isReady: boolean
  isSeeking: boolean
  hasFailed: boolean
}

/** What a player is told. `seekTo`: null where it is close enough. */
export interface PlayerOrder {
  isPlaying: boolean
  seekTo: number | null
  rate: number
}

/** The length of the longest; 0 while none is known. */
export function lengthOf(players: readonly PlayerNow[]): number {
  return players.reduce((most, { length }) => Math.max(most, length ?? 0), 0)
}

/** Whether a player cannot show `position` yet. One that is over by then, or broken, is not waited for. */
export function isBehind(player: PlayerNow, position: number): boolean {
  if (player.hasFailed) return false
  if (player.length === null) return true
  if (position >= player.length - toleranceSeconds) return false
  return !player.isReady || player.isSeeking
}

/** Keeps one player at the common clock: by its rate where it is close, by a seek where it is not. */
export function orderFor(player: PlayerNow, clock: { position: number; isRunning: boolean }): PlayerOrder {
  const { time, length } = player
  const end = length ?? Infinity
  const isOver = clock.position >= end
  const target = Math.min(clock.position, end)
  const drift = time - target
  if (player.isSeeking) return { isPlaying: false, seekTo: null, rate: 1 }
  if (!clock.isRunning || isOver) {
    // Standing still, all show the same moment, so that steps of frames can be compared.
    return { isPlaying: false, seekTo: Math.abs(drift) > 0.001 ? target : null, rate: 1 }
  }
  if (Math.abs(drift) > toleranceSeconds) return { isPlaying: true, seekTo: target, rate: 1 }
  const change = Math.abs(drift) < ignoredSeconds ? 0 : -drift * 2
  return {
    isPlaying: true,
    seekTo: null,
    rate: 1 + Math.min(fastestChange, Math.max(-fastestChange, change)),
  }
}

/** The usual distance of frames whose times were seen, in seconds; the median, so that a dropped frame does not matter. */
export function frameSecondsOf(times: readonly number[]): number {
  const sorted = [...new Set(times)].toSorted((a, b) => a - b)
  const gaps = sorted
    .slice(1)
    .map((time, index) => time - (sorted[index] ?? time))
    .filter((gap) => gap >= 1 / 125 && gap <= 1 / 8)
    .toSorted((a, b) => a - b)
  return gaps[Math.floor(gaps.length / 2)] ?? usualFrameSeconds
}

/** The middle of the next or previous frame: the edge between two belongs to either. */
export function steppedTo(
  position: number,
  direction: -1 | 1,
  { frame, length }: { frame: number; length: number },
): number {
  const last = Math.max(0, Math.ceil(length / frame - 1e-6) - 1)
  const index = Math.min(last, Math.floor(position / frame + 1e-6))
  const next = Math.min(last, Math.max(0, index + direction))
  return Math.min(length, (next + 0.5) * frame)
}
