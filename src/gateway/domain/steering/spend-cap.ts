const dayMs = 86_400_000

/** What the attempts that started at an upstream on one day cost, or may cost. Money is in micro-dollars. */
export interface DaySpend {
  /** The start of the day, UTC (ms since the epoch). */
  dayStart: number
  spentMicros: number
  /** The worst case of what is not settled. */
  reservedMicros: number
}

/** What an attempt that starts now must keep: its reservation must fit below the cap, with all others of the day. */
export interface SpendLimit {
  upstream: string
  capMicros: number
  dayStart: number
  micros: number
}

export function dayStartOf(at: number): number {
  return Math.floor(at / dayMs) * dayMs
}

export function nextDayStart({ dayStart }: Pick<DaySpend, 'dayStart'>): number {
  return dayStart + dayMs
}

export function nothingSpent(at: number): DaySpend {
  return { dayStart: dayStartOf(at), spentMicros: 0, reservedMicros: 0 }
}

/** Exactly the cap fits. */
export function fitsCap(committedMicros: number, { capMicros, micros }: SpendLimit): boolean {
  return committedMicros + micros <= capMicros
}

/** What is said to callers of work that waits for it. Says no amounts: the upstream is shared with other tenants. */
export function capDetail(spend: DaySpend): string {
  return `The spend cap of the upstream for today is reached. It ends at ${new Date(nextDayStart(spend)).toISOString()}.`
}
