import type { Droppable } from '../inputs/input-fit.ts'
import type { Fidelity, Size, UpstreamKind } from '../routing/upstream.ts'
import type { Priority } from './request.ts'

export const exclusionCodes = [
  'kind_not_allowed',
  'not_in_allow_list',
  'model_unsupported',
  'duration_unsupported',
  'size_unsupported',
  'reference_unsupported',
  'input_unsupported',
  'audio_unsupported',
  'source_unsupported',
  'character_unsupported',
  'prompt_too_long',
  'breaker_open',
  'at_capacity',
  'over_budget',
  'over_max_cost',
  'disabled',
  'paused',
  'over_spend_cap',
] as const
export type ExclusionCode = (typeof exclusionCodes)[number]

/** An upstream that can render the request, with exactly what it would be asked for. */
export interface Candidate {
  upstream: string
  kind: UpstreamKind
  /** Null if the request has no characters. */
  fidelity: Fidelity | null
  /** The upstream's own model id. */
  model: string
  durationSeconds: number
  size: Size
  estimatedCostMicros: number
  /** Frames, references and settings that it is sent, and those that it is not. Absent: there are none. */
  takes?: string[]
  drops?: Droppable[]
  reason: string
}

export interface Exclusion {
  upstream: string
  code: ExclusionCode
  detail: string
}

/**
 * The ordered candidates. `standby` holds those excluded only by what passes (`breaker_open`, `at_capacity`), in the same
 * order of preference: they may still be used when their exclusion no longer holds. They also appear in `excluded`.
 */
export interface RoutePlan {
  priority: Priority
  candidates: Candidate[]
  standby: Candidate[]
  excluded: Exclusion[]
  estimatedCostMicros: number
  /** The cost if every candidate is tried and charges, limited by the caller's maximum. */
  worstCaseCostMicros: number
}
