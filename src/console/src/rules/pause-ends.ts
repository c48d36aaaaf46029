const minute = 60_000

/** When a pause may end by itself. */
export const pauseEnds = ['resumed', '15m', '1h', '4h', '24h'] as const
export type PauseEnd = (typeof pauseEnds)[number]

const lengths: Record<Exclude<PauseEnd, 'resumed'>, number> = {
  '15m': 15 * minute,
  '1h': 60 * minute,
  '4h': 240 * minute,
  '24h': 1440 * minute,
}

/** RFC 3339, or null for a pause that somebody ends; `now` in milliseconds since 1970. */
export function untilOf(end: PauseEnd, now: number): string | null {
  return end === 'resumed' ? null : new Date(now + lengths[end]).toISOString()
}
