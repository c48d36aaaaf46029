import type { UpstreamSpec } from '../routing/upstream.ts'

/** Calls of upstreams that cost nothing and create nothing. */
export const probeOperations = ['list', 'models', 'balance'] as const
export type ProbeOperation = (typeof probeOperations)[number]

/**
 * - `ok`: the expected answer.
 * - `account_rejected`: the upstream turns the account away: a wrong key, an empty balance.
 * - `busy`: a rate limit or overload.
 * - `unsupported`: there is no such endpoint at the base URL.
 * - `unreachable`: no answer within the deadline.
 * - `unreadable`: an answer that is none of these.
 */
export const probeStatuses = [
  'ok',
  'account_rejected',
  'busy',
  'unsupported',
  'unreachable',
  'unreadable',
] as const
export type ProbeStatus = (typeof probeStatuses)[number]

/** `micros`: its worth in micro-dollars; null if the worth of the unit is not known. Below 0: money is owed. */
export interface Balance {
  amount: number
  unit: string
  micros: number | null
}

/** What one answer says. */
export interface ProbeReading {
  status: ProbeStatus
  /** The words of the upstream. Null if it is `ok`. */
  message: string | null
  /** The number of jobs on the first page of the list. */
  jobs?: number
  models?: string[]
  balance?: Balance
}

export interface ProbedCall extends ProbeReading {
  operation: ProbeOperation
  ms: number
  /** Null if there is no answer. */
  httpStatus: number | null
}

/** Without calls if its dialect has none that cost nothing. */
export interface ProbeReport {
  upstream: string
  calls: ProbedCall[]
  /** Configured names of models that its list of models lacks. Null if it has no such list. */
  missingModels: string[] | null
}

/** Some lists put a path or an owner before the name: `models/veo-3.1`. */
export function missingModels({ models }: UpstreamSpec, calls: readonly ProbedCall[]): string[] | null {
  const listed = calls.find((call) => call.models !== undefined)?.models
  if (listed === undefined) return null
  const isListed = (model: string) => listed.some((each) => each === model || each.endsWith(`/${model}`))
  return [...new Set(Object.values(models))].filter((model) => !isListed(model))
}
