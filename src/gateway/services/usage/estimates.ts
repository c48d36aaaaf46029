import type { Client } from '../../domain/accounts/client.ts'
import type { HistorySums } from '../../domain/routing/history-estimate.ts'
import type { AskedSpan } from './asked-span.ts'
import type { Estimate, Workload } from '../../domain/routing/estimate.ts'
import type { Shape, Size } from '../../domain/routing/upstream.ts'

/** A workload as parsed at the border; null means "not said". */
export interface WorkloadInput {
  count: number
  model: string | null
  durationSeconds: number | null
  size: Size | Shape | null
  characters: number
}

/** What the delivered videos of a time would have cost. Instants are ms since the epoch. */
export interface HistoryReport extends HistorySums {
  /** Null for all tenants. */
  tenant: string | null
  from: number
  to: number
  /** How many of them were looked at: the figures of a sample are scaled up. */
  sampled: number
}

export interface EstimateService {
  /** What a workload would cost under each policy, within the floor of the key. Sends and stores nothing. */
  estimate(client: Client, input: WorkloadInput): { workload: Workload; estimates: Estimate[] }
  /**
   * What the delivered videos of a time would have cost under each policy, at today's prices, within the floor of their keys.
   * Of the client's own tenant; with the scope `admin`, `observe` or `operate` of any one, or of all. Throws `forbidden` for another
   * tenant, and `validation_failed` for a time that is none.
   */
  fromHistory(client: Client, asked: AskedSpan): Promise<HistoryReport>
}
