import type { SourceMode } from '../../generation/source-mode.ts'
import type { Candidate, Exclusion } from '../../generation/plan.ts'
import { inputFit } from '../../inputs/input-fit.ts'
import { formatUsd } from '../price.ts'
import type { RoutePolicy, RouteRequest } from '../route-request.ts'
import type { UpstreamView } from '../upstream.ts'
import { factsOf } from './facts.ts'
import type { Facts } from './facts.ts'
import { filters } from './filters.ts'
import { passingFilters } from './passing-filters.ts'

/** `passing` exclusions (`breaker_open`, `at_capacity`) leave the candidate usable later. */
export type Evaluation =
  | { type: 'candidate'; candidate: Candidate }
  | { type: 'passing'; candidate: Candidate; exclusion: Exclusion; retryAt: number | null }
  | { type: 'excluded'; exclusion: Exclusion }

/** Whether one upstream can take a request now, and exactly what it would be asked for. */
export function evaluate(request: RouteRequest, view: UpstreamView, policy: RoutePolicy): Evaluation {
  return evaluateFacts(factsOf(request, view, policy))
}

export function evaluateFacts(facts: Facts): Evaluation {
  const upstream = facts.spec.id
  for (const { code, excludes } of filters) {
    const detail = excludes(facts)
    if (detail !== null) return { type: 'excluded', exclusion: { upstream, code, detail } }
  }
  const candidate = candidateOf(facts)
  for (const { code, excludes } of passingFilters) {
    const passing = excludes(facts)
    if (passing === null) continue
    const { detail, retryAt } = passing
    return { type: 'passing', candidate, exclusion: { upstream, code, detail }, retryAt }
  }
  return { type: 'candidate', candidate }
}

function candidateOf(facts: Facts): Candidate {
  const { durationSeconds, estimatedCostMicros, fidelity, model, size, spec } = facts
  const { takes, drops } = inputFit(facts.inputs, facts.options, facts.capabilities)
  return {
    upstream: spec.id,
    kind: spec.kind,
    fidelity,
    model,
    durationSeconds,
    size,
    estimatedCostMicros,
    ...(takes.length > 0 && { takes }),
    ...(drops.length > 0 && { drops }),
    reason: reasonOf(facts),
  }
}

const waysToPlay = {
  native: 'known there',
  inline: 'sent along',
  stills: 'sent along as pictures',
  reference: 'by reference',
  none: 'not known there',
}
const modeReasons: Record<SourceMode, string> = {
  held: 'it rendered the source',
  file: 'it is given the source',
  reference: 'it is only shown the source',
}

function reasonOf({
  durationSeconds,
  estimatedCostMicros,
  fidelity,
  policy,
  request,
  sourceMode,
  spec,
}: Facts): string {
  return [
    ...(policy.prefer?.upstream === spec.id ? [`where ${policy.prefer.generation} is rendered`] : []),
    `${formatUsd(estimatedCostMicros)} for ${durationSeconds} s`,
    ...(durationSeconds === request.durationSeconds
      ? []
      : [`not the ${request.durationSeconds} s asked for`]),
    ...(sourceMode === null ? [] : [modeReasons[sourceMode]]),
    ...(fidelity === null
      ? []
      : [`characters ${waysToPlay[fidelity === 'reference' ? fidelity : spec.characters]}`]),
  ].join(', ')
}
