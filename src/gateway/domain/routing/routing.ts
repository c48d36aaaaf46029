import type { RoutePolicy, RouteRequest } from './route-request.ts'
import { fidelityOf, tooLongFor } from './character-fit.ts'
import type { Candidate, Exclusion, ExclusionCode, RoutePlan } from '../generation/plan.ts'
import { formatUsd, priceOf } from './price.ts'
import { isKeptAsItIs, sourceModeOf } from '../generation/source-mode.ts'
import type { SourceMode } from '../generation/source-mode.ts'
import { durationOf, lengthsOf } from './sold-lengths.ts'
import type { Shape, Size, UpstreamView } from './upstream.ts'

export type RouteDecision = { type: 'plan'; plan: RoutePlan } | { type: 'refusal'; excluded: Exclusion[] }

/** `passing` exclusions (`breaker_open`, `at_capacity`) leave the candidate usable later. */
export type Evaluation =
  | { type: 'candidate'; candidate: Candidate }
  | { type: 'passing'; candidate: Candidate; exclusion: Exclusion; retryAt: number | null }
  | { type: 'excluded'; exclusion: Exclusion }

/**
 * Chooses the upstreams for a request, best first. Pure, total and deterministic: whatever it depends on arrives as data.
 * A refusal means that no configured upstream could ever take this request under this policy.
 */
export function route(
  request: RouteRequest,
  upstreams: readonly UpstreamView[],
  policy: RoutePolicy,
): RouteDecision {
  const ranked = upstreams
    .map((view) => ({ view, evaluation: evaluate(request, view, policy) }))
    .toSorted((a, b) => compare(a, b, request, policy))
  const excluded = ranked
    .flatMap(({ evaluation }) => (evaluation.type === 'candidate' ? [] : [evaluation.exclusion]))
    .toSorted((a, b) => (a.upstream < b.upstream ? -1 : 1))
  const available = ranked.flatMap(({ evaluation }) =>
    evaluation.type === 'candidate' ? [evaluation.candidate] : [],
  )
  const waiting = ranked.flatMap(({ evaluation }) =>
    evaluation.type === 'passing' ? [evaluation.candidate] : [],
  )
  if (available.length + waiting.length === 0) return { type: 'refusal', excluded }

  const candidates = policy.fallback ? available : available.slice(0, 1)
  const standby = policy.fallback ? waiting : available.length > 0 ? [] : waiting.slice(0, 1)
  const worst = [...candidates, ...standby].reduce(
    (sum, { estimatedCostMicros }) => sum + estimatedCostMicros,
    0,
  )
  return {
    type: 'plan',
    plan: {
      priority: policy.priority,
      candidates,
      standby,
      excluded,
      estimatedCostMicros: (candidates[0] ?? standby[0])?.estimatedCostMicros ?? 0,
      worstCaseCostMicros: policy.maxCostMicros === null ? worst : Math.min(worst, policy.maxCostMicros),
    },
  }
}

const waysToPlay = {
  native: 'known there',
  inline: 'sent along',
  reference: 'by reference',
  none: 'not known there',
}
const modeReasons: Record<SourceMode, string> = {
  held: 'it rendered the source',
  file: 'it is given the source',
  reference: 'it is only shown the source',
}
const verbs = { remix: 'remix', edit: 'edit', extension: 'extend' }
/** The original before a copy of it, and either before something that only resembles it. */
const distances: Record<SourceMode, number> = { held: 0, file: 1, reference: 2 }

/** Whether one upstream can take a request now, and exactly what it would be asked for. */
export function evaluate(request: RouteRequest, view: UpstreamView, policy: RoutePolicy): Evaluation {
  const { spec } = view
  const exclude = (code: ExclusionCode, detail: string): Evaluation => ({
    type: 'excluded',
    exclusion: { upstream: spec.id, code, detail },
  })

  if (!view.enabled) return exclude('disabled', 'It is switched off.')
  if (!policy.allow.includes(spec.kind))
    return exclude('kind_not_allowed', `This key may not use ${spec.kind} upstreams.`)
  if (policy.allowUpstreams?.includes(spec.id) === false)
    return exclude('not_in_allow_list', 'This key may not use it.')
  if (policy.upstreams !== null && !policy.upstreams.includes(spec.id)) {
    return exclude('not_in_allow_list', 'The request names other upstreams.')
  }
  if (policy.allowModels?.includes(request.model) === false)
    return exclude('model_unsupported', `This key may not use ${request.model}.`)
  const model = Object.hasOwn(spec.models, request.model) ? spec.models[request.model] : undefined
  if (model === undefined) return exclude('model_unsupported', `It does not offer ${request.model}.`)
  const way = request.source === undefined ? null : sourceModeOf(request.source, spec)
  if (request.source !== undefined && way === null)
    return exclude('source_unsupported', `It has no way to ${verbs[request.source.kind]} this video.`)
  const isKept = request.source !== undefined && isKeptAsItIs(request.source, way)
  const durationSeconds = isKept ? request.durationSeconds : durationOf(spec, request.durationSeconds)
  if (durationSeconds !== request.durationSeconds && policy.duration !== 'nearest') {
    return exclude('duration_unsupported', `It sells ${lengthsOf(spec)} s, not ${request.durationSeconds} s.`)
  }
  const size = sizeOf(way === null || way === 'reference' ? spec.sizes : null, request.size)
  if (size === undefined) return exclude('size_unsupported', `It does not offer ${request.size}.`)
  if (request.referenceKind !== null && !spec.references.includes(request.referenceKind)) {
    return exclude('reference_unsupported', `It takes no ${request.referenceKind} reference.`)
  }
  const character = fidelityOf(request, spec, policy)
  if (character.type === 'excluded') return exclude('character_unsupported', character.detail)
  const { fidelity } = character
  const tooLong = tooLongFor(spec, request.promptCharacters[fidelity ?? 'native'])
  if (tooLong !== null) return exclude('prompt_too_long', tooLong)

  const estimatedCostMicros = priceOf(spec.price, durationSeconds, size)
  if (policy.maxCostMicros !== null && estimatedCostMicros > policy.maxCostMicros) {
    return exclude(
      'over_max_cost',
      `${formatUsd(estimatedCostMicros)} is more than the ${formatUsd(policy.maxCostMicros)} left under max_cost_usd.`,
    )
  }
  if (policy.budgetLeftMicros !== null && estimatedCostMicros > policy.budgetLeftMicros) {
    return exclude(
      'over_budget',
      `${formatUsd(estimatedCostMicros)} is more than is left of this month's budget.`,
    )
  }

  const exact = durationSeconds === request.durationSeconds
  const candidate: Candidate = {
    upstream: spec.id,
    kind: spec.kind,
    fidelity,
    model,
    durationSeconds,
    size,
    estimatedCostMicros,
    reason: [
      ...(policy.prefer?.upstream === spec.id ? [`where ${policy.prefer.generation} is rendered`] : []),
      `${formatUsd(estimatedCostMicros)} for ${durationSeconds} s`,
      ...(exact ? [] : [`not the ${request.durationSeconds} s asked for`]),
      ...(way === null ? [] : [modeReasons[way]]),
      ...(fidelity === null
        ? []
        : [`characters ${waysToPlay[fidelity === 'native' ? spec.characters : fidelity]}`]),
    ].join(', '),
  }
  return passing(request, view, candidate)
}

function passing(request: RouteRequest, view: UpstreamView, candidate: Candidate): Evaluation {
  const { breakers, freeSlots, outages, spec } = view
  const outage = outages.find(({ model }) => model === candidate.model)
  if (outage !== undefined) {
    const detail = `It does not serve ${outage.model} now: ${outage.reason}`
    return {
      type: 'passing',
      candidate,
      exclusion: { upstream: spec.id, code: 'breaker_open', detail },
      retryAt: outage.until,
    }
  }
  const needsBinding =
    spec.characters === 'native' && request.characters.some(({ boundOn }) => !boundOn.includes(spec.id))
  const open = (['create', ...(needsBinding ? (['character'] as const) : [])] as const).find(
    (operation) => breakers[operation].state === 'open',
  )
  if (open !== undefined) {
    const detail = `Its ${open} breaker is open after recent failures.`
    const { retryAt } = breakers[open]
    return {
      type: 'passing',
      candidate,
      exclusion: { upstream: spec.id, code: 'breaker_open', detail },
      retryAt,
    }
  }
  if (freeSlots !== null && freeSlots <= 0) {
    const detail = 'All its slots are taken.'
    return {
      type: 'passing',
      candidate,
      exclusion: { upstream: spec.id, code: 'at_capacity', detail },
      retryAt: null,
    }
  }
  return { type: 'candidate', candidate }
}

function sizeOf(sizes: readonly Size[] | null, asked: Size | Shape): Size | undefined {
  if (asked !== 'landscape' && asked !== 'portrait')
    return sizes === null || sizes.includes(asked) ? asked : undefined
  if (sizes === null) return asked === 'landscape' ? '1280x720' : '720x1280'
  return sizes.find((size) => {
    const [width = 0, height = 0] = size.split('x').map(Number)
    return asked === 'landscape' ? width > height : height > width
  })
}

interface Ranked {
  view: UpstreamView
  evaluation: Evaluation
}

/**
 * What the caller prefers, then native characters. Then for `cost`: the exact length, the price; for `stability`: official
 * and self-hosted, the exact length. What was never measured counts as good, so that a new upstream gets its first requests.
 */
function compare(a: Ranked, b: Ranked, request: RouteRequest, policy: RoutePolicy): number {
  const left = keyOf(a, request, policy)
  const right = keyOf(b, request, policy)
  for (const [index, value] of left.entries()) {
    const difference = value - (right[index] ?? 0)
    if (difference !== 0) return difference
  }
  return a.view.spec.id < b.view.spec.id ? -1 : 1
}

function keyOf({ view, evaluation }: Ranked, request: RouteRequest, policy: RoutePolicy): number[] {
  if (evaluation.type === 'excluded') return [9]
  const { fidelity, durationSeconds, estimatedCostMicros } = evaluation.candidate
  const elsewhere = policy.prefer === null || policy.prefer.upstream === view.spec.id ? 0 : 1
  const reference = fidelity === 'reference' ? 1 : 0
  const adjusted = durationSeconds === request.durationSeconds ? 0 : 1
  const reverse = view.spec.kind === 'reverse' ? 1 : 0
  const way = request.source === undefined ? null : sourceModeOf(request.source, view.spec)
  const distance = way === null ? 0 : distances[way]
  const measured = [-(view.successRate ?? 1), view.latencyMs ?? 0]
  return policy.priority === 'cost'
    ? [elsewhere, reference, distance, adjusted, estimatedCostMicros, ...measured]
    : [elsewhere, reference, distance, reverse, adjusted, ...measured]
}
