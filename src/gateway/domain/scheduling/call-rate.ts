/** The calls to an upstream that are counted against a rate. */
export const ratedCalls = ['create', 'poll'] as const
export type RatedCall = (typeof ratedCalls)[number]

/** `intervalMs`: the time that one call takes up; `burst`: how many may come at once. */
export interface CallRate {
  intervalMs: number
  burst: number
}

export function createsPerMinuteRate(perMinute: number): CallRate {
  return { intervalMs: 60_000 / perMinute, burst: Math.ceil(perMinute / 60) }
}

export function pollsPerSecondRate(perSecond: number): CallRate {
  return { intervalMs: 1000 / perSecond, burst: Math.ceil(perSecond) }
}
