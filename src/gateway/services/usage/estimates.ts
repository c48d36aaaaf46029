import type { Client } from '../../domain/accounts/client.ts'
import { estimate } from '../../domain/routing/estimate.ts'
import type { Estimate, Workload } from '../../domain/routing/estimate.ts'
import type { Shape, Size } from '../../domain/routing/upstream.ts'
import type { UpstreamGate } from '../advance/upstream-gate.ts'

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

/** As for a request that says neither. */
const silence = { durationSeconds: 10, size: 'landscape' } as const

export function createEstimateService(deps: {
  gate: Pick<UpstreamGate, 'views'>
  /** May change at any time. */
  defaults: { readonly model: string }
}): EstimateService {
  return {
    estimate(client, { count, model, durationSeconds, size, characters }) {
      const workload: Workload = {
        count,
        model: model ?? deps.defaults.model,
        durationSeconds: durationSeconds ?? silence.durationSeconds,
        size: size ?? silence.size,
        characters,
      }
      return { workload, estimates: estimate(workload, deps.gate.views(), client) }
    },
  }
}
