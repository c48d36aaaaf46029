/** The lengths of a step, all of UTC, the shortest first. */
export const statisticsSteps = ['hour', 'day'] as const
export type StatisticsStep = (typeof statisticsSteps)[number]

export const stepMs: Record<StatisticsStep, number> = { hour: 3600_000, day: 24 * 3600_000 }

/** About a month of hours, or two years of days. */
export const mostSteps = 750

/** Counts beside the attempts are kept for as long as they can be asked for, in ms. */
export const countsKeptMs = mostSteps * stepMs.day

/** What is asked for when no time is given: a day of hours, or 30 days. */
const usualSteps: Record<StatisticsStep, number> = { hour: 24, day: 30 }

/** Whole steps: ms since the epoch, end exclusive. */
export interface StepSpan {
  step: StatisticsStep
  from: number
  to: number
}

/**
 * The whole steps that meet the time from `from` to `to`, up to the one that `now` is in; null for a time that ends before
 * it begins, or begins after now.
 */
export function spanOfSteps(
  asked: { from: number | null; to: number | null; step: StatisticsStep },
  now: number,
): StepSpan | null {
  const { step } = asked
  const ms = stepMs[step]
  const end = Math.ceil(Math.min(asked.to ?? now + 1, now + 1) / ms) * ms
  const from = asked.from === null ? end - usualSteps[step] * ms : Math.floor(asked.from / ms) * ms
  const isEmpty = asked.from !== null && asked.from >= (asked.to ?? now + 1)
  return isEmpty || from >= end ? null : { step, from, to: end }
}

export function countOf({ step, from, to }: StepSpan): number {
  return (to - from) / stepMs[step]
}
