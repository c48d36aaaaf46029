import type { Warning } from '../generation/failure.ts'

/**
 * What an end of the process counts for each generation that was in hand then. A kill from outside says little: any work may
 * be in hand, again and again where kills are dense. An uncaught error was thrown by something that was in hand.
 */
export const crashPoints = { uncaughtError: 10, killed: 1 } as const

/** From here on it is worked on with nothing else of its kind beside it, so that what it meets meets nobody else. */
const alonePoints = 20
const asidePoints = 30

const minute = 60_000
const longestPauseMs = 24 * 60 * minute

export function isSuspect(points: number): boolean {
  return points >= alonePoints
}

/** How long nobody takes it up after another crash: ten minutes, four times as long after each further one, a day at most. Null: it goes on at once. */
export function asideMs(points: number): number | null {
  if (points < asidePoints) return null
  const further = Math.floor((points - asidePoints) / crashPoints.uncaughtError)
  return Math.min(longestPauseMs, 10 * minute * 4 ** Math.min(further, 10))
}

export function setAsideWarning(until: number): Warning {
  const at = new Date(until).toISOString()
  return {
    code: 'set_aside',
    detail: `The gateway crashed repeatedly while working on this. It is retried after ${at}; its cost stays reserved.`,
  }
}

export function comparisonAsideWarning(until: number): Warning {
  const at = new Date(until).toISOString()
  return {
    code: 'set_aside',
    detail: `The gateway crashed several times while it worked on this comparison. Videos that were started go on; nothing else is done before ${at}. Wait for that time, or delete the comparison and create it again with fewer scenes or upstreams. The gateway's log has the error.`,
  }
}

export function seriesAsideWarning(until: number): Warning {
  const at = new Date(until).toISOString()
  return {
    code: 'set_aside',
    detail: `The gateway crashed several times while it worked on this series. Scenes that were sent go on; nothing else is done before ${at}. Wait for that time, or cancel the series and create it again with fewer scenes. The gateway's log has the error.`,
  }
}
