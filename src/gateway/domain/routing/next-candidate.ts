import { errorOf } from '../attempts/transitions/ends.ts'
import type { GenerationError, Warning } from '../generation/failure.ts'
import type { Attempt, Generation } from '../generation/generation.ts'
import { backoffMs } from '../scheduling/poll-pacing.ts'
import type { Candidate, Exclusion } from '../generation/plan.ts'
import { hasInputs, routeInputsOf } from '../inputs/route-inputs.ts'
import { promptLengths } from '../characters/prompt.ts'
import { leftPreference } from './left-preference.ts'
import { evaluate } from './evaluation/evaluate.ts'
import type { RoutePolicy, RouteRequest } from './route-request.ts'
import type { GenerationRequest } from '../generation/request.ts'
import { sourceModeOf } from '../generation/source-mode.ts'
import type { SourceMode } from '../generation/source-mode.ts'
import type { UpstreamView } from './upstream.ts'

export type NextCandidate =
  | { type: 'start'; candidate: Candidate; warnings: Warning[] }
  /** `warnings`: what an operator has to do before it goes on. */
  | { type: 'wait'; until: number; warnings: Warning[] }
  | { type: 'exhausted'; error: GenerationError }

/** How often one generation is submitted to an upstream that is overloaded. */
const submissionsPerUpstream = 20
const longestPauseMs = 120_000
/** What keeps an upstream from taking work may end before its time: somebody resets a breaker. */
const longestSleepMs = 10_000
/** Generations that wait for long check less often, so that thousands of them do not keep the gateway busy. */
const capacityRetryMs = { least: 1000, most: 5000, ofAge: 1 / 20 }

/**
 * The next upstream to try: the stored plan's order, filtered again by what is true now. An upstream is tried again only
 * after it definitely did not take the job (`never_sent`, `overloaded`), after the wait that it asked for or a growing pause.
 */
export function nextCandidate(
  generation: Generation,
  request: RouteRequest,
  views: ReadonlyMap<string, UpstreamView>,
  now: number,
): NextCandidate {
  const policy = policyOf(generation)
  const waits: number[] = []
  const rechecks: number[] = []
  const excluded: Exclusion[] = []
  for (const { upstream } of [...generation.plan.candidates, ...generation.plan.standby]) {
    const view = views.get(upstream)
    if (view === undefined) continue
    const readyAt = readyAtOf(generation.attempts.filter((attempt) => attempt.upstream === upstream))
    if (readyAt === null) continue
    const evaluation = evaluate(request, view, policy)
    if (evaluation.type === 'excluded') {
      excluded.push(evaluation.exclusion)
      continue
    }
    if (evaluation.type === 'passing') excluded.push(evaluation.exclusion)
    if (evaluation.type === 'candidate' && readyAt <= now) {
      const { candidate } = evaluation
      const { source } = request
      const mode = source === undefined ? null : sourceModeOf(source, view.spec)
      const left = leftPreference(generation, upstream, preferredExclusion(generation, request, views))
      return {
        type: 'start',
        candidate,
        warnings: [...left, ...warningsOf(generation.request, candidate, mode)],
      }
    }
    const retryAt =
      evaluation.type === 'passing' ? (evaluation.retryAt ?? now + capacityPause(generation, now)) : now
    waits.push(Math.max(readyAt, retryAt, now + 1))
    if (evaluation.type === 'passing') rechecks.push(Math.max(readyAt, now + longestSleepMs))
  }
  // An upstream of the plan was enabled when the request was accepted, and may be enabled again.
  const isUntried = waits.length === 0 && generation.attempts.length === 0
  const mayReturn = isUntried && excluded.some(({ code }) => code === 'disabled')
  const until = mayReturn ? now + capacityPause(generation, now) : Math.min(...waits)
  return until < generation.deadlineAt
    ? { type: 'wait', until: Math.min(until, ...rechecks), warnings: excluded.flatMap(parkedWarning) }
    : { type: 'exhausted', error: lastError(generation, excluded) }
}

function parkedWarning({ upstream, code, detail }: Exclusion): Warning[] {
  const isParked = code === 'paused' || code === 'disabled' || code === 'over_spend_cap'
  return isParked ? [{ code: `upstream_${code}`, detail: `${upstream}: ${detail}` }] : []
}

/** Why the upstream that the generation is to stay on is left out now. */
function preferredExclusion(
  generation: Generation,
  request: RouteRequest,
  views: ReadonlyMap<string, UpstreamView>,
): Exclusion | null {
  const view = views.get(generation.request.routing.prefer?.upstream ?? '')
  if (view === undefined) return null
  const evaluation = evaluate(request, view, policyOf(generation))
  return evaluation.type === 'candidate' ? null : evaluation.exclusion
}

function capacityPause({ createdAt }: Generation, now: number): number {
  const { least, most, ofAge } = capacityRetryMs
  return Math.round(Math.min(most, Math.max(least, (now - createdAt) * ofAge)))
}

/** The request as routing sees it; `availability` is how each character stands with the upstreams. */
export function routeRequestOf(
  request: GenerationRequest,
  availability: (characterId: string) => RouteRequest['characters'][number],
): RouteRequest {
  const { prompt, model, durationSeconds, size, reference, source, characters } = request
  const inputs = routeInputsOf(request)
  return {
    model,
    durationSeconds,
    size,
    referenceKind: reference?.kind ?? null,
    ...(source !== undefined && { source }),
    ...(hasInputs(inputs) && { inputs }),
    characters: characters.map(({ id }) => availability(id)),
    promptCharacters: promptLengths(prompt, characters),
  }
}

function policyOf(generation: Generation): RoutePolicy {
  const { request, attempts, allow, allowUpstreams, allowModels } = generation
  const { routing } = request
  const spent = attempts.reduce(
    (sum, attempt) => sum + (attempt.costState === 'settled' ? attempt.costMicros : attempt.reservedMicros),
    0,
  )
  return {
    ...routing,
    allow,
    allowUpstreams,
    allowModels,
    maxCostMicros: routing.maxCostMicros === null ? null : Math.max(0, routing.maxCostMicros - spent),
    budgetLeftMicros: null,
  }
}

/** When an upstream may be tried (again). 0: now. Null: never. */
function readyAtOf(attempts: readonly Attempt[]): number | null {
  const last = attempts.at(-1)
  if (last === undefined) return 0
  const failure = last.state === 'failed' ? last.failure : null
  const again = failure?.code === 'never_sent' || failure?.code === 'overloaded'
  if (!again || attempts.length >= submissionsPerUpstream) return null
  return (
    (last.endedAt ?? 0) + Math.max(failure.retryAfterMs ?? 0, backoffMs(attempts.length - 1, longestPauseMs))
  )
}

function lastError({ attempts }: Generation, excluded: readonly Exclusion[]): GenerationError {
  if (excluded.some(({ code }) => code === 'over_max_cost' || code === 'over_budget')) {
    return {
      code: 'budget_exceeded',
      message: 'The remaining amount of max_cost_usd is not enough for another attempt.',
    }
  }
  const failure = attempts.at(-1)?.failure
  if (failure != null) return errorOf(failure)
  const unable = excluded.find(({ code }) => code === 'character_unsupported')
  return unable === undefined
    ? { code: 'no_upstream', message: noUpstreamMessage(excluded) }
    : { code: 'character_unavailable', message: `${unable.upstream}: ${unable.detail}` }
}

function noUpstreamMessage(excluded: readonly Exclusion[]): string {
  const [parked] = excluded.flatMap(parkedWarning)
  return `No upstream became available in time${parked === undefined ? '.' : `. ${parked.detail}`}`
}

/** The differences from the request if this candidate renders it. */
export function warningsOf(
  { durationSeconds, characters, source }: GenerationRequest,
  candidate: Candidate,
  mode: SourceMode | null = null,
): Warning[] {
  const warnings: Warning[] = []
  if (source !== undefined && mode === 'reference') {
    warnings.push({
      code: 'source_reference_used',
      detail: `${candidate.upstream} cannot ${source.kind} this video; it renders a new one with this one as the reference.`,
    })
  }
  if (candidate.durationSeconds !== durationSeconds) {
    warnings.push({
      code: 'duration_adjusted',
      detail: `${candidate.upstream} does not offer ${durationSeconds} s; ${candidate.durationSeconds} s were ordered.`,
    })
  }
  for (const setting of candidate.drops ?? []) {
    warnings.push({
      code: `${setting}_dropped`,
      detail: `${candidate.upstream} takes no ${setting}; it was left out.`,
    })
  }
  if (candidate.fidelity === 'reference') {
    const names = characters.map(({ name }) => `@${name}`)
    const [shown, ...others] = names
    warnings.push({
      code: 'character_reference_used',
      detail: [
        `${candidate.upstream} does not support characters natively; it receives the clip of ${shown} and the description.`,
        ...(others.length === 0 ? [] : [`Only described in words: ${others.join(', ')}.`]),
      ].join(' '),
    })
  }
  return warnings
}
