import type { Client } from '../../domain/accounts/client.ts'
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

export interface EstimateService {
  /** What a workload would cost under each policy, within the floor of the key. Sends and stores nothing. */
  estimate(client: Client, input: WorkloadInput): { workload: Workload; estimates: Estimate[] }
}
