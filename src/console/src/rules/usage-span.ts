const dayMs = 86_400_000

/** Days of UTC, as the gateway counts them; `to` is the day after the last one. */
export interface Span {
  /** As the API takes it. */
  from: string
  to: string
  /** Every day, as `2026-11-22`. */
  days: string[]
  /** Whether it is a whole month. */
  month: string | null
}

interface Asked {
  month?: string | undefined
  /** First and last day. */
  from?: string | undefined
  to?: string | undefined
}

/** A year and a day: more bars than that cannot be told apart. */
const mostDays = 366

/** The time asked for: a range, else a month, else the month of `now` (ms since 1970). What cannot be is as if it were absent. */
export function spanOf({ month, from, to }: Asked, now: number): Span {
  const [first, last] = [dayIn(from), dayIn(to)]
  if (first !== null || last !== null) {
    const start = first ?? monthBounds(dayOf(last ?? now).slice(0, 7)).from
    const end = (last ?? Math.max(start, Date.parse(dayOf(now)))) + dayMs
    if (start < end) return spanBetween(start, Math.min(end, start + mostDays * dayMs), null)
  }
  const whole = isMonth(month) ? month : dayOf(now).slice(0, 7)
  const bounds = monthBounds(whole)
  return spanBetween(bounds.from, bounds.to, whole)
}

function spanBetween(from: number, to: number, month: string | null): Span {
  const days = Array.from({ length: Math.round((to - from) / dayMs) }, (_, index) =>
    dayOf(from + index * dayMs),
  )
  return { from: new Date(from).toISOString(), to: new Date(to).toISOString(), days, month }
}

/** The last `count` months up to that of `now`, newest first, as `2026-11`. */
export function monthsUntil(now: number, count = 13): string[] {
  const date = new Date(now)
  return Array.from({ length: count }, (_, back) =>
    dayOf(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() - back, 1)).slice(0, 7),
  )
}

export function isMonth(value: string | undefined): value is string {
  return value !== undefined && /^\d{4}-(?:0[1-9]|1[0-2])$/.test(value) && value >= '1970-01'
}

/** The midnight of a day, in ms since 1970; null for what is no day. */
function dayIn(value: string | undefined): number | null {
  if (value === undefined || !/^\d{4}-\d\d-\d\d$/.test(value)) return null
  const at = Date.parse(value)
  return Number.isNaN(at) || dayOf(at) !== value || at < 0 ? null : at
}

export function isDay(value: string | undefined): value is string {
  return dayIn(value) !== null
}

function monthBounds(month: string): { from: number; to: number } {
  const [year = 1970, number = 1] = month.split('-').map(Number)
  return { from: Date.UTC(year, number - 1, 1), to: Date.UTC(year, number, 1) }
}

function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10)
}
