import type { UpstreamKind } from './upstream.ts'

export type Scope = 'generate' | 'read' | 'admin'

/** Budgets run by calendar months in UTC. */
export function monthStart(now: number): number {
  const date = new Date(now)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth())
}

/** The end of the month that `now` lies in. */
export function nextMonthStart(now: number): number {
  const date = new Date(now)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1)
}

/** Who is calling: one gateway key, as configuration or the key registry knows it. Everything a client makes belongs to `tenant`. */
export interface Client {
  tenant: string
  key: string
  scopes: Scope[]
  /** The floor: no other kind of upstream is ever used for this key. */
  allow: UpstreamKind[]
  monthlyBudgetMicros: number | null
  requestsPerMinute: number | null
  maxInFlight: number | null
  /** Where its generations are told of when the request names no place; null for nowhere. */
  webhookUrl: string | null
}
