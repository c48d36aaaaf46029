/**
 * Money in micro-dollars. What a key has used of its limits, or a tenant with all its keys; keys of one name and tenant share it,
 * as they share a budget.
 */
export interface KeyFigures {
  /** The settled costs of the attempts that started in the month. */
  spentMicros: number
  /** What attempts of the month and open generations may still cost. With what is spent, it is what counts against a budget. */
  reservedMicros: number
  /** Generations that have not ended. */
  inFlight: number
}

/** `key` is the name of the key, null for all keys of the tenant; `monthStart` the start of a month in UTC, in ms since the epoch. */
export type ReadKeyFigures = (month: {
  tenant: string
  key: string | null
  monthStart: number
}) => Promise<KeyFigures>
