import type { ExclusionCode } from '../../generation/plan.ts'
import { audioFault, inputFault } from '../../inputs/input-fit.ts'
import { formatUsd } from '../price.ts'
import { isDescribed, tooLongFor } from './character-fit.ts'
import { kindNotAllowed, switchedOff, upstreamNotAllowed } from './floor-fit.ts'
import { isOffered, othersOf } from './facts.ts'
import type { Facts } from './facts.ts'
import type { PassingCode } from './passing-filters.ts'
import { lengthsOf } from './supported-lengths.ts'

/** Leaves an upstream out for a reason that lasts as long as the request and the policy do. */
export interface Filter {
  name: string
  code: Exclude<ExclusionCode, PassingCode>
  /** Why this upstream is left out, for the caller; null where it is not. */
  excludes: (facts: Facts) => string | null
}

const verbs = { remix: 'remix', edit: 'edit', extension: 'extend' }

/** In this order: the first one that leaves an upstream out says why. */
export const filters: readonly Filter[] = [
  {
    name: 'switched off',
    code: 'disabled',
    excludes: ({ view }) => switchedOff(view.enabled),
  },
  {
    name: 'kinds of the key',
    code: 'kind_not_allowed',
    excludes: ({ policy, spec }) => kindNotAllowed(policy, spec.kind),
  },
  {
    name: 'upstreams of the key',
    code: 'not_in_allow_list',
    excludes: ({ policy, spec }) => upstreamNotAllowed(policy, spec.id),
  },
  {
    name: 'upstreams of the request',
    code: 'not_in_allow_list',
    excludes: ({ policy, spec }) =>
      policy.upstreams?.includes(spec.id) === false ? 'The request names other upstreams.' : null,
  },
  {
    name: 'models of the key',
    code: 'model_unsupported',
    excludes: ({ policy, request }) =>
      policy.allowModels?.includes(request.model) === false ? `This key may not use ${request.model}.` : null,
  },
  {
    name: 'models of the upstream',
    code: 'model_unsupported',
    excludes: ({ request, spec }) =>
      isOffered(request, spec) ? null : `It does not offer ${request.model}.`,
  },
  {
    name: 'source video',
    code: 'source_unsupported',
    excludes: ({ request: { source }, sourceMode }) =>
      source !== undefined && sourceMode === null ? `It cannot ${verbs[source.kind]} this video.` : null,
  },
  {
    name: 'length',
    code: 'duration_unsupported',
    excludes: ({ durationSeconds, lengths, policy, request }) =>
      durationSeconds === request.durationSeconds || policy.duration === 'nearest'
        ? null
        : `It offers ${lengthsOf(lengths)} s, not ${request.durationSeconds} s.`,
  },
  {
    name: 'size',
    code: 'size_unsupported',
    excludes: ({ pictureFault }) => pictureFault,
  },
  {
    name: 'reference',
    code: 'reference_unsupported',
    excludes: ({ request: { referenceKind }, spec }) =>
      referenceKind === null || spec.references.includes(referenceKind)
        ? null
        : `It does not support ${referenceKind} references.`,
  },
  {
    name: 'inputs',
    code: 'input_unsupported',
    excludes: ({ capabilities, inputs, options, request, spec }) =>
      inputFault(inputs, othersOf(request, spec), options, capabilities),
  },
  {
    name: 'sound',
    code: 'audio_unsupported',
    excludes: ({ capabilities, inputs }) => audioFault(inputs.settings.audio, capabilities.audio),
  },
  {
    name: 'characters',
    code: 'character_unsupported',
    excludes: ({ characters }) => (characters.type === 'excluded' ? characters.detail : null),
  },
  {
    name: 'length of the prompt',
    code: 'prompt_too_long',
    excludes: ({ fidelity, request, spec }) =>
      tooLongFor(spec, request.promptCharacters[isDescribed(fidelity, spec) ? 'reference' : 'native']),
  },
  {
    name: 'ceiling of the request',
    code: 'over_max_cost',
    excludes: ({ estimatedCostMicros, policy: { maxCostMicros } }) =>
      maxCostMicros !== null && estimatedCostMicros > maxCostMicros
        ? `${formatUsd(estimatedCostMicros)} exceeds the remaining ${formatUsd(maxCostMicros)} of max_cost_usd.`
        : null,
  },
  {
    name: 'budget of the key',
    code: 'over_budget',
    excludes: ({ estimatedCostMicros, policy: { budgetLeftMicros } }) =>
      budgetLeftMicros !== null && estimatedCostMicros > budgetLeftMicros
        ? `${formatUsd(estimatedCostMicros)} exceeds the remaining budget of this month.`
        : null,
  },
]
