import { estimate } from '../../domain/routing/estimate.ts'
import type { Workload } from '../../domain/routing/estimate.ts'
import type { UpstreamGate } from '../advance/upstream-gate.ts'
import type { EstimateService } from './estimates.ts'

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
