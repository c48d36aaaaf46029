import type { openStatuses } from '../../domain/generation/history.ts'

/** How many there are, and since when the oldest (ms since the epoch). */
export interface Backlog {
  count: number
  oldestAt: number
}

/** What is open at one moment, and the money of a month. Money in micro-dollars. */
export interface OperatingFigures {
  /** Generations that have not ended. Those that are missing have none. */
  open: Array<Backlog & { status: (typeof openStatuses)[number] }>
  /** Attempts of which the outcome is unknown. */
  unknown: Array<Backlog & { upstream: string }>
  /** What attempts may still cost. */
  reservedMicros: number
  pendingDeliveries: number
  /** Reported by the upstream, less the price by the price list. Null until the running totals are verified. */
  billDifferences: Array<{ upstream: string; micros: number }> | null
  /** What counts against a monthly budget: spent, reserved, and what open generations may cost. Null as above. */
  committed: Array<{ tenant: string; key: string; micros: number }> | null
  /** The monthly budgets of tenants. */
  tenantBudgets: Array<{ tenant: string; micros: number }>
}

/** `monthStart`: the start of a month in UTC, in ms since the epoch. Rejects if they cannot be read within a few seconds. */
export type ReadOperatingFigures = (monthStart: number) => Promise<OperatingFigures>
